"""Traps end by themselves; long listings do not."""

from collections import deque
from collections.abc import Callable
from itertools import count

from archive.url_ledger import Address, UrlLedger
from crawler.frontier import HOME, PAGE, PRIORITY, Frontier
from crawler.revisits import Seen
from crawler.sites import Site
from crawler.traps import shape

HOST = "http://a.gov.vn"
SITE = Site(slug="a", name="Huyện A", province="Tỉnh A", home=f"{HOST}/")
Links = Callable[[str], tuple[list[str], bool]]


def walk(links_of: Links, start: str, most: int = 5000) -> tuple[list[str], Frontier]:
    """Follows every link as the spider does; gives up after ``most`` pages."""
    ledger = UrlLedger.in_memory()
    frontier = Frontier(ledger, SITE, flush=ledger.commit, depth_limit=most)
    frontier.begin(full=False)
    frontier.open_up()
    frontier.start_with(start, HOME, PRIORITY[HOME])
    asked: list[str] = []
    while len(asked) < most and (page := frontier.next()) is not None:
        asked.append(page.url)
        links, is_article = links_of(page.url)
        found = [frontier.take(link, PAGE, page) for link in links]
        taken = [row for row in found if row is not None]
        frontier.note_fruits(page, taken, is_article=is_article)
        frontier.checked(page, Seen("article" if is_article else "other"))
    return asked, frontier


def test_what_changes_from_page_to_page_is_not_part_of_the_shape() -> None:
    assert shape(f"{HOST}/lich?d=2021-01-05") == shape(f"{HOST}/lich?d=2022-11-30")
    assert shape(f"{HOST}/x?s=5f2b9c0de1a24f6b8c3d") == shape(f"{HOST}/x?s=0123456789abcdef0123")
    assert shape(f"{HOST}/tin-tuc?page=2") != shape(f"{HOST}/thong-bao?page=2")


def test_a_calendar_ends_by_itself() -> None:
    def calendar(address: str) -> tuple[list[str], bool]:
        if "?" not in address:
            return [f"{HOST}/lich?ngay=1"], False
        day = int(address.split("=")[1])
        return [f"{HOST}/lich?ngay={day + 1}", f"{HOST}/lich?ngay={day - 1}"], False

    asked, frontier = walk(calendar, f"{HOST}/lich")
    assert len(asked) < 200
    assert len(frontier.traps.given_up) == 1


def test_a_last_page_whose_next_link_goes_on_for_ever_ends() -> None:
    def listing(address: str) -> tuple[list[str], bool]:
        if "/bai-" in address:
            return [], True
        page = int(address.split("=")[1])
        articles = [f"{HOST}/bai-{min(page, 30)}-{n}.html" for n in range(10)]
        return [*articles, f"{HOST}/tin?page={page + 1}"], False

    asked, _ = walk(listing, f"{HOST}/tin?page=1")
    assert sum("/bai-" in address for address in asked) == 300
    assert len(asked) < 400


def test_a_listing_of_three_hundred_pages_is_walked_to_its_end() -> None:
    def listing(address: str) -> tuple[list[str], bool]:
        if "/bai-" in address:
            return [f"{HOST}/tin?page=1"], True
        page = int(address.split("=")[1])
        articles = [f"{HOST}/bai-viet-so-{10 * page + n}.html" for n in range(5)]
        return [*articles, *([f"{HOST}/tin?page={page + 1}"] if page < 300 else [])], False

    asked, _ = walk(listing, f"{HOST}/tin?page=1", most=20_000)
    assert len(asked) == 300 * 6


def test_sorted_views_of_one_listing_end() -> None:
    def listing(address: str) -> tuple[list[str], bool]:
        if "/bai-" in address:
            return [], True
        orders = [f"{HOST}/tin?page={n}&sort={c}" for n in range(1, 200) for c in "abc"]
        return [*(f"{HOST}/bai-{n}.html" for n in range(10)), *orders], False

    asked, frontier = walk(listing, f"{HOST}/tin")
    assert sum("/bai-" in address for address in asked) == 10
    assert frontier.traps.given_up


def test_articles_are_never_given_up() -> None:
    numbers = count()

    def chain(address: str) -> tuple[list[str], bool]:
        return [f"{HOST}/bai-{next(numbers)}.html"], True

    assert len(walk(chain, f"{HOST}/bai-x.html", most=500)[0]) == 500


def test_a_trap_is_remembered_by_the_next_walk_and_tried_again_by_a_full_one() -> None:
    ledger = UrlLedger.in_memory()
    for full, expected in ((True, 40), (False, 0), (True, 40)):
        frontier = Frontier(ledger, SITE, flush=ledger.commit)
        frontier.begin(full=full)
        frontier.open_up()
        first = frontier.start_with(f"{HOST}/lich?ngay=0", PAGE, 0)
        asked: deque[Address] = deque([first] if first else [])
        taken_in_all = 0
        while asked:
            page = asked.popleft()
            day = int(page.url.split("=")[1])
            row = frontier.take(f"{HOST}/lich?ngay={day + 1}", PAGE, page)
            taken = [row] if row else []
            taken_in_all += len(taken)
            asked.extend(taken)
            frontier.note_fruits(page, taken, is_article=False)
            frontier.checked(page, Seen("other"))
        frontier.end()
        ledger.commit()
        assert taken_in_all == expected
