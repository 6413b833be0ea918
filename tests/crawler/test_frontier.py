"""Traps end by themselves; long listings do not."""

from itertools import count

from crawler.frontier import Frontier, shape

HOST = "http://a.gov.vn"


def walk(frontier: Frontier, links_of: object, start: str, most: int = 5000) -> list[str]:
    """Follows every link breadth first, as the spider does; gives up after ``most`` pages."""
    waiting = [start]
    frontier.take_page(start)
    asked = []
    while waiting and len(asked) < most:
        address = waiting.pop(0)
        asked.append(address)
        links, is_article = links_of(address)  # type: ignore[operator]
        frontier.fruits(address, links, is_article)
        waiting += [link for link in links if frontier.take_page(link)]
    return asked


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

    frontier = Frontier()
    assert len(walk(frontier, calendar, f"{HOST}/lich")) < 200
    assert len(frontier.given_up) == 1


def test_a_last_page_whose_next_link_goes_on_for_ever_ends() -> None:
    def listing(address: str) -> tuple[list[str], bool]:
        if "/bai-" in address:
            return [], True
        page = int(address.split("=")[1])
        articles = [f"{HOST}/bai-{min(page, 30)}-{n}.html" for n in range(10)]
        return [*articles, f"{HOST}/tin?page={page + 1}"], False

    asked = walk(Frontier(), listing, f"{HOST}/tin?page=1")
    assert sum("/bai-" in address for address in asked) == 300
    assert len(asked) < 400


def test_a_listing_of_a_thousand_pages_is_walked_to_its_end() -> None:
    def listing(address: str) -> tuple[list[str], bool]:
        if "/bai-" in address:
            return [f"{HOST}/tin?page=1"], True
        page = int(address.split("=")[1])
        articles = [f"{HOST}/bai-viet-so-{10 * page + n}.html" for n in range(10)]
        return [*articles, *([f"{HOST}/tin?page={page + 1}"] if page < 1000 else [])], False

    asked = walk(Frontier(), listing, f"{HOST}/tin?page=1", most=20_000)
    assert len(asked) == 11_000


def test_sorted_views_of_one_listing_end() -> None:
    def listing(address: str) -> tuple[list[str], bool]:
        if "/bai-" in address:
            return [], True
        orders = [f"{HOST}/tin?page={n}&sort={c}" for n in range(1, 200) for c in "abc"]
        return [*(f"{HOST}/bai-{n}.html" for n in range(10)), *orders], False

    frontier = Frontier()
    asked = walk(frontier, listing, f"{HOST}/tin")
    assert sum("/bai-" in address for address in asked) == 10


def test_articles_are_never_given_up() -> None:
    numbers = count()

    def chain(address: str) -> tuple[list[str], bool]:
        return [f"{HOST}/bai-{next(numbers)}.html"], True

    assert len(walk(Frontier(), chain, f"{HOST}/bai-x.html", most=500)) == 500


def test_the_limit_counts_pages_and_not_files() -> None:
    frontier = Frontier(limit=2)
    assert frontier.take_page(f"{HOST}/1")
    assert frontier.take(f"{HOST}/a.pdf")
    assert not frontier.take(f"{HOST}/a.pdf")
    assert frontier.take_page(f"{HOST}/2")
    assert not frontier.cut_short
    assert not frontier.take_page(f"{HOST}/3")
    assert frontier.cut_short
