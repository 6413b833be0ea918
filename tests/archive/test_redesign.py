"""An article keeps its identity when its portal changes platform, and its history says what happened."""

from __future__ import annotations

import itertools
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from captured_pages import START, Clock
from test_identity import LETTER, NEW, OLD, STORY, TWO, changed, moved, told

from archive.absences import derive
from archive.database import open_for_reading, open_for_writing, transaction
from archive.exchange import Exchange
from archive.ingest import ArchiveWriter, Counts
from archive.schema import Article, PageKind, Reading
from archive.withholding import withhold

SITE = "tho-xuan"
DAY = 24


@dataclass(frozen=True)
class Answer:
    """What an address answered, ``at`` hours after START; ``extractor`` is "name version"."""

    at: int
    url: str
    status: int = 200
    shows: Article | None = None
    extractor: str = "web 1"
    via: str = ""
    kind: PageKind | None = None


def shown(article: Article, at: int, extractor: str = "web 1", via: str = "") -> Answer:
    return Answer(at, article.url, shows=article, extractor=extractor, via=via)


def missing(url: str, at: int, status: int = 404) -> Answer:
    return Answer(at, url, status)


def leads(url: str, at: int) -> Answer:
    return Answer(at, url, 301)


class Again:
    """Today's extractor over stored captures: a table by capture, as archive.readings asks it."""

    def __init__(self, readings: dict[int, Article]) -> None:
        self.readings = readings
        self.asked: list[int] = []

    def __call__(self, capture_id: int) -> Reading | None:
        self.asked.append(capture_id)
        article = self.readings.get(capture_id)
        return None if article is None else Reading(PageKind.ARTICLE, "web", "2", article)


def crawl(root: Path, *answers: Answer, again: Again | None = None, site: str = SITE) -> Counts:
    """One run; every page is fetched with other bytes, as on a real portal."""
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        writer.read_again = again
        for answer in answers:
            head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: text/html\r\n\r\n".encode()
            capture = writer.record_exchange(
                site,
                Exchange(
                    url=answer.url,
                    fetched_at=START + timedelta(hours=answer.at),
                    request=b"GET / HTTP/1.1\r\n\r\n",
                    response_head=head,
                    payload=f"{answer}".encode(),
                    status=answer.status,
                    media_type="text/html",
                    via=answer.via,
                ),
            )
            name, _, version = answer.extractor.partition(" ")
            if answer.shows is not None:
                reading = Reading(PageKind.ARTICLE, name, version, answer.shows)
                writer.record_reading(capture, reading)
            elif answer.kind is not None:
                writer.record_reading(capture, Reading(answer.kind, name, version))
    return writer.counts(site)


def ask(root: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def causes(root: Path) -> list[str]:
    return [row[0] for row in ask(root, "SELECT cause FROM version ORDER BY article_id, number")]


def addresses(root: Path) -> list[str]:
    return [row[0] for row in ask(root, "SELECT url FROM article_url ORDER BY first_seen, url")]


ANEW = moved(STORY)


# -- all addresses change --------------------------------------------------------------------------


def test_an_article_that_is_printed_anew_elsewhere_is_the_same_article(tmp_path: Path) -> None:
    crawl(tmp_path, shown(STORY, 0))
    crawl(tmp_path, shown(ANEW, 5 * DAY, "tandan 4"))
    assert ask(tmp_path, "SELECT id, status, versions FROM articles") == [(1, "current", 2)]
    assert causes(tmp_path) == ["first", "redesign"]
    assert addresses(tmp_path) == [STORY.url, ANEW.url]
    assert crawl(tmp_path, shown(ANEW, 6 * DAY, "tandan 4")) == Counts(captures=1, unchanged=1)


def test_the_address_where_it_is_becomes_the_canonical_one(tmp_path: Path) -> None:
    canonical = "SELECT url, status, gone_since FROM article"
    crawl(tmp_path, shown(STORY, 0))
    crawl(tmp_path, shown(ANEW, 5 * DAY))
    assert ask(tmp_path, canonical) == [(STORY.url, "current", None)]
    crawl(tmp_path, missing(STORY.url, 6 * DAY))
    assert ask(tmp_path, canonical) == [(ANEW.url, "current", None)]
    crawl(tmp_path, missing(STORY.url, 8 * DAY), missing(STORY.url, 10 * DAY))
    assert ask(tmp_path, canonical) == [(ANEW.url, "current", None)]
    crawl(tmp_path, missing(ANEW.url, 12 * DAY), missing(ANEW.url, 13 * DAY))
    assert [row[1] for row in ask(tmp_path, canonical)] == ["gone"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_the_old_and_the_new_address_are_asked(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    crawl(tmp_path, shown(STORY, 0))
    answers = [
        missing(STORY.url, 5 * DAY),
        shown(ANEW, 5 * DAY + 1, "tandan 4"),
        missing(STORY.url, 7 * DAY),
    ]
    for i in order:
        crawl(tmp_path, answers[i])
    assert ask(tmp_path, "SELECT url, status FROM article") == [(ANEW.url, "current")]
    assert causes(tmp_path) == ["first", "redesign"]


def test_an_old_address_that_leads_to_the_new_one(tmp_path: Path) -> None:
    edited = moved(changed("3 giải nhất", "4 giải nhất"))
    crawl(tmp_path, shown(STORY, 0))
    middle = f"{OLD}/chuyen-huong"
    crawl(
        tmp_path,
        leads(STORY.url, 5 * DAY),
        replace(leads(middle, 5 * DAY), via=STORY.url),
        shown(edited, 5 * DAY, "tandan 4", via=middle),
    )
    assert ask(tmp_path, "SELECT url, versions FROM articles") == [(edited.url, 2)]
    assert causes(tmp_path) == ["first", "unclear"]  # without the old bytes nobody can tell


def test_a_page_that_links_to_it_is_no_redirect(tmp_path: Path) -> None:
    edited = moved(changed("3 giải nhất", "4 giải nhất"))
    crawl(tmp_path, shown(STORY, 0))
    crawl(tmp_path, shown(edited, 5 * DAY, via=STORY.url))
    assert len(ask(tmp_path, "SELECT id FROM articles")) == 2


def test_two_articles_stay_two_in_the_archive(tmp_path: Path) -> None:
    """Each pair on a portal of its own, before and after the change of platform."""
    old = {
        f"pair-{i}": [told(a, url=f"{OLD}/{n}.html") for n, a in enumerate(pair)]
        for i, pair in enumerate(TWO.values())
    }
    new = {
        site: [told(a, url=f"{NEW}/{n}.aspx") for n, a in enumerate(pair)]
        for site, pair in old.items()
    }
    for at, portals in ((0, old), (5 * DAY, new)):
        for site, pair in portals.items():
            crawl(tmp_path, *(shown(article, at, f"platform {at}") for article in pair), site=site)
    rows = ask(tmp_path, "SELECT site, group_concat(url) FROM article_url GROUP BY article_id")
    mixed = [
        list(TWO)[int(site.removeprefix("pair-"))]
        for site, urls in rows
        if len({Path(url).stem for url in urls.split(",")}) > 1
    ]
    assert not mixed
    known_again = [urls for _, urls in rows if "," in urls]
    assert len(known_again) > len(TWO)  # of 2 a pair; the others tell too little


def test_two_notices_of_one_form_posted_in_one_day_stay_two(tmp_path: Path) -> None:
    one = Article(url=f"{OLD}/1.html", title="Lời ngỏ", body_text=LETTER, published_at="2023-03-20")
    other = told(one, url=f"{OLD}/2.html", body_text=LETTER.replace("hòa", "hoà") + " ")
    other = told(other, title="Lời ngỏ!")
    crawl(tmp_path, shown(one, 0), shown(other, 1))
    assert len(ask(tmp_path, "SELECT id FROM articles")) == 2


def test_a_new_place_beside_an_old_one_that_still_answers(tmp_path: Path) -> None:
    for root, first in ((tmp_path / "a", STORY), (tmp_path / "b", ANEW)):
        crawl(root, shown(STORY, 0))
        second = ANEW if first is STORY else STORY
        crawl(root, shown(first, 5 * DAY), shown(second, 5 * DAY))
        assert ask(root, "SELECT url, versions FROM articles") == [(STORY.url, 2)]
        crawl(root, shown(second, 6 * DAY), shown(first, 6 * DAY))
        assert causes(root) == ["first", "redesign"]
    crawl(tmp_path / "together", shown(STORY, 0), shown(ANEW, 0))
    assert len(ask(tmp_path / "together", "SELECT id FROM articles")) == 2


# -- on the same page ------------------------------------------------------------------------------


def test_another_platform_under_the_same_address(tmp_path: Path) -> None:
    again = Again({1: STORY})
    crawl(tmp_path, shown(STORY, 0))
    crawl(tmp_path, shown(told(ANEW, url=STORY.url), 5 * DAY, "tandan 4"), again=again)
    assert causes(tmp_path) == ["first", "redesign"]
    edited = told(moved(changed("3 giải nhất", "4 giải nhất")), url=STORY.url)
    crawl(tmp_path, shown(edited, 6 * DAY, "tandan 4"), again=again)
    assert causes(tmp_path) == ["first", "redesign", "edit"]
    assert again.asked == [1]


def test_tokens_in_the_addresses_of_files_add_no_version(tmp_path: Path) -> None:
    image, file = STORY.images[0], STORY.attachments[0]
    for at in range(3):
        article = told(
            STORY,
            images=(replace(image, url=f"{image.url}?t=165880454437{at}"),),
            attachments=(replace(file, url=f"{file.url}?ver=2025-06-12-192749-71{at}"),),
        )
        crawl(tmp_path, shown(article, at * DAY))
    assert causes(tmp_path) == ["first"]


def test_a_form_that_comes_and_goes_adds_one_version(tmp_path: Path) -> None:
    other = told(STORY, title=STORY.title.replace("Hoà", "Hòa"))
    for at in range(6):
        crawl(tmp_path, shown(other if at % 2 else STORY, at * DAY))
    assert causes(tmp_path) == ["first", "redesign"]
    crawl(tmp_path, shown(changed("bền bỉ", "kiên trì"), 7 * DAY), shown(STORY, 8 * DAY))
    assert causes(tmp_path) == ["first", "redesign", "edit", "edit"]


# -- another extractor and an edit at once ---------------------------------------------------------


def test_what_we_read_differently_and_what_the_portal_changed_are_two_versions(
    tmp_path: Path,
) -> None:
    poor = told(STORY, author="")
    edited = changed("3 giải nhất", "4 giải nhất")
    crawl(tmp_path, shown(poor, 0))
    again = Again({1: STORY})
    counts = crawl(tmp_path, shown(edited, DAY, "web 2"), again=again)
    assert counts == Counts(captures=1, changed=1)
    rows = ask(tmp_path, "SELECT cause, capture_id, author, extractor_version FROM version")
    assert rows == [
        ("first", 1, "", "1"),
        ("extraction", 1, STORY.author, "2"),
        ("edit", 2, STORY.author, "2"),
    ]
    assert ask(tmp_path, "SELECT capture_id, version_id FROM reading") == [(1, 2), (2, 3)]


def test_only_another_extractor_is_no_edit(tmp_path: Path) -> None:
    crawl(tmp_path, shown(told(STORY, author=""), 0))
    again = Again({1: STORY})
    crawl(tmp_path, shown(STORY, DAY, "web 2"), again=again)
    assert causes(tmp_path) == ["first", "extraction"]
    crawl(tmp_path, shown(STORY, 2 * DAY, "web 2"), again=again)
    assert causes(tmp_path) == ["first", "extraction"]
    assert again.asked == [1]


def test_only_an_edit_is_no_extraction(tmp_path: Path) -> None:
    crawl(tmp_path, shown(STORY, 0))
    crawl(tmp_path, shown(changed("bền bỉ", "kiên trì"), DAY, "web 2"), again=Again({1: STORY}))
    assert causes(tmp_path) == ["first", "edit"]


def test_stored_pages_are_not_read_again_where_nothing_differs(tmp_path: Path) -> None:
    again = Again({})
    crawl(tmp_path, shown(STORY, 0))
    crawl(tmp_path, shown(STORY, DAY, "web 2"), again=again)
    crawl(tmp_path, shown(changed("bền bỉ", "kiên trì"), 2 * DAY, "web 2"), again=again)
    assert again.asked == []
    assert causes(tmp_path) == ["first", "edit"]


def test_where_the_old_bytes_cannot_be_read_nothing_is_claimed(tmp_path: Path) -> None:
    crawl(tmp_path, shown(STORY, 0))
    again = Again({})
    crawl(tmp_path, shown(changed("bền bỉ", "kiên trì"), DAY, "web 2"), again=again)
    assert again.asked == [1]
    assert causes(tmp_path) == ["first", "unclear"]


# -- withheld --------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbers", [(), (1,)])
def test_what_is_withheld_does_not_come_back_on_another_platform(
    tmp_path: Path, numbers: tuple[int, ...]
) -> None:
    crawl(tmp_path, shown(STORY, 0), shown(changed("bền bỉ", "kiên trì"), DAY))
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        withhold(connection, 1, numbers, reason="r", person="p", now="2026-11-23T00:00:00.000000Z")
    crawl(tmp_path, shown(ANEW, 5 * DAY, "tandan 4"))
    assert ask(tmp_path, "SELECT count(*) FROM article") == [(1,)]
    assert ask(tmp_path, "SELECT count(*) FROM versions WHERE body_text LIKE '%bền bỉ%'") == [(0,)]


# -- gone and back ---------------------------------------------------------------------------------


def test_a_history_of_absences(tmp_path: Path) -> None:
    answers = [
        shown(STORY, 0),
        missing(STORY.url, 2 * DAY),
        Answer(4 * DAY, STORY.url, kind=PageKind.MISSING),
        shown(STORY, 6 * DAY),
        missing(STORY.url, 8 * DAY, 410),
        shown(STORY, 8 * DAY + 3),
        missing(STORY.url, 10 * DAY),
    ]
    roots = [tmp_path / "in-order", tmp_path / "backwards"]
    for root, order in zip(roots, (answers, [answers[0], *answers[:0:-1]]), strict=True):
        for answer in order:
            crawl(root, answer)
        rows = ask(root, "SELECT since, confirmed_at, until FROM absences ORDER BY since")
        day = "2026-11-{}T08:00:00.000000Z".format
        assert rows == [
            (day(23), day(25), day(27)),
            (day(29), None, "2026-11-29T11:00:00.000000Z"),
            ("2026-12-01T08:00:00.000000Z", None, None),
        ]
        assert ask(root, "SELECT status, gone_since FROM article") == [("current", None)]


def test_what_came_before_its_meaning_was_known_is_derived(tmp_path: Path) -> None:
    crawl(tmp_path, missing(STORY.url, 2 * DAY), missing(STORY.url, 4 * DAY), shown(STORY, 0))
    status = "SELECT status, gone_since FROM article"
    assert ask(tmp_path, status) == [("current", None)]
    with ArchiveWriter.open(tmp_path, "import", clock=Clock()) as writer:
        with writer.transaction() as connection:
            derive(connection, "another-site")
        assert ask(tmp_path, status) == [("current", None)]
        with writer.transaction() as connection:
            derive(connection, SITE)
    assert ask(tmp_path, status) == [("gone", "2026-11-23T08:00:00.000000Z")]


def test_an_archive_from_before_absences_were_kept_gains_them(tmp_path: Path) -> None:
    crawl(tmp_path, shown(STORY, 0), missing(STORY.url, 2 * DAY), missing(STORY.url, 3 * DAY))
    crawl(tmp_path, shown(told(STORY, url=f"{OLD}/2.html", title="Khác"), 0))
    crawl(tmp_path, missing(f"{OLD}/2.html", 3 * DAY))
    sql = "SELECT id, status, missing_since, gone_since FROM article"
    expected = ask(tmp_path, sql), ask(tmp_path, "SELECT * FROM absence")
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        connection.execute("DELETE FROM absence")
        connection.execute("DELETE FROM recognition")
        connection.execute("DELETE FROM meta WHERE key IN ('absences', 'recognition')")
        # As it was when one answer was enough.
        connection.execute("UPDATE article SET status = 'gone', gone_since = missing_since")
    crawl(tmp_path, shown(ANEW, 5 * DAY, "tandan 4"))
    assert ask(tmp_path, sql)[1] == expected[0][1]
    assert ask(tmp_path, "SELECT count(*) FROM absence") == [(len(expected[1]),)]
    assert ask(tmp_path, "SELECT url, status FROM article WHERE id = 1") == [(ANEW.url, "current")]
