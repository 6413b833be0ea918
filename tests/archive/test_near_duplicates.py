"""Almost the same text on whatever portal is known when the run that found it has ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from similar_texts import edited, prose
from stored_articles import START, Seen, seen, store

from archive import near_duplicates
from archive.clusters import cluster_of
from archive.commands.context import CommandContext
from archive.commands.show import show
from archive.database import open_for_reading, open_for_writing, transaction
from archive.exchange import Exchange
from archive.ingest import ArchiveWriter
from archive.schema import Article, PageKind, Reading

RELEASE = prose(1)
PAIRS = "SELECT article_id, other_id, method, same_numbers FROM near_duplicates ORDER BY 1, 2"


def pairs(root: Path) -> list[tuple[object, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(PAIRS)]


@contextmanager
def writing(root: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_writing(root)) as connection, transaction(connection):
        yield connection


def expected_again(root: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The pairs and signatures as they are, and as they are when made anew from nothing."""
    everything = "SELECT 1, article_id, other_id, similarity FROM near_duplicate UNION SELECT 2, key, article_id, 0 FROM signature_band UNION SELECT 3, article_id, version_id, 0 FROM signature ORDER BY 1, 2, 3"
    with closing(open_for_writing(root)) as connection:
        before = [tuple(row) for row in connection.execute(everything)]
        with transaction(connection):
            connection.execute("UPDATE meta SET value = 'old' WHERE key = 'signatures'")
            near_duplicates.bring_up_to_date(connection)
            assert not near_duplicates.catch_up(connection, 10_000)
        after = [tuple(row) for row in connection.execute(everything)]
    return before, after


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A release on three portals, each with its own edits, among other articles."""
    store(
        tmp_path,
        [
            seen("1", "Thông cáo", RELEASE, published_at="2021-03-05"),
            seen("2", "Việc khác", prose(2)),
            seen("3", "Ngắn", "Xem tệp đính kèm"),
        ],
    )
    store(
        tmp_path,
        [
            seen("1", "Tin từ huyện", edited(RELEASE, 60), "hoang-hoa", published_at="2021-03-04"),
            seen("2", "Ngắn", "Xem tệp đính kèm", "hoang-hoa"),
            seen("1", "Thông cáo", RELEASE, "vi-thuy"),
        ],
        START.replace(day=3),
    )
    return tmp_path


def test_a_release_is_found_on_all_portals_and_nothing_else(root: Path) -> None:
    assert pairs(root) == [
        (1, 4, "shingles", 1),
        (1, 6, "text", 1),
        (4, 6, "shingles", 1),
    ]
    with closing(open_for_reading(root)) as connection:
        alike = dict(
            connection.execute(
                "SELECT other_id, similarity FROM near_duplicates WHERE article_id = 1"
            )
        )
    words = len(RELEASE.split())
    edits = words // 60
    # Each edit replaces three shingles; the last syllable is in one only.
    assert alike[4] == pytest.approx(
        (words - 2 - 3 * edits + 2) / (words - 2 + 3 * edits - 2), abs=1e-4
    )
    assert alike[6] == 1.0


def test_the_cluster_names_the_earliest_publication(root: Path) -> None:
    with closing(open_for_reading(root)) as connection:
        cluster = cluster_of(connection, 6)
        alone = cluster_of(connection, 2)
    assert cluster.articles == (1, 4, 6)
    assert cluster.earliest is not None
    assert (cluster.earliest.id, cluster.earliest.published_at) == (4, "2021-03-04")
    assert [(a.id, a.same_text) for a in cluster.alike] == [(1, True), (4, False)]
    assert (alone.alike, alone.articles, alone.earliest) == ((), (), None)


def test_show_says_who_else_printed_it(root: Path) -> None:
    shown = CliRunner().invoke(show, ["1"], obj=CommandContext(root)).stdout
    assert "Same text     as article 6" in shown
    assert (
        "Almost the same text\n"
        "0.92  article 4, Huyện Hoằng Hóa, 2021-03-04: Tin từ huyện\n"
        "Published first of 3: article 4, Huyện Hoằng Hóa, 2021-03-04.\n"
    ) in shown
    document = json.loads(
        CliRunner().invoke(show, ["1", "--json"], obj=CommandContext(root)).stdout
    )
    assert [n["id"] for n in document["near_duplicates"]] == [6, 4]
    assert document["cluster"]["articles"] == [1, 4, 6]
    assert document["cluster"]["earliest"]["id"] == 4
    alone = CliRunner().invoke(show, ["2"], obj=CommandContext(root)).stdout
    assert "Almost" not in alone


def test_an_edit_moves_an_article_out_of_a_cluster_and_into_another(root: Path) -> None:
    store(root, [seen("1", "Thông cáo", edited(prose(2), 80))], START.replace(day=4))
    assert pairs(root) == [(1, 2, "shingles", 1), (4, 6, "shingles", 1)]
    before, after = expected_again(root)
    assert before == after
    store(root, [seen("1", "Thông cáo", RELEASE)], START.replace(day=5))
    assert (1, 4, "shingles", 1) in pairs(root)
    assert (1, 2, "shingles", 1) not in pairs(root)


def test_a_second_crawl_changes_nothing(root: Path) -> None:
    before = pairs(root)
    store(root, [seen("1", "Thông cáo", RELEASE, published_at="2021-03-05")], START.replace(day=4))
    assert pairs(root) == before


def test_next_months_bulletin_is_not_called_the_same_document(tmp_path: Path) -> None:
    bulletin = prose(7)
    store(
        tmp_path,
        [
            seen("5", "Lịch tiếp công dân tháng 5", bulletin, published_at="2021-05-01"),
            seen(
                "6", "Lịch tiếp công dân tháng 6", edited(bulletin, 50), published_at="2021-06-01"
            ),
            seen("7", "Lịch tiếp công dân tháng 06", edited(bulletin, 51), "vi-thuy"),
        ],
    )
    assert pairs(tmp_path) == [
        (1, 2, "shingles", 0),
        (1, 3, "shingles", 0),
        (2, 3, "shingles", 1),
    ]
    with closing(open_for_reading(tmp_path)) as connection:
        assert cluster_of(connection, 1).earliest is None
        assert [a.id for a in cluster_of(connection, 1).alike] == [2, 3]
        assert cluster_of(connection, 2).articles == (2, 3)
    shown = CliRunner().invoke(show, ["1"], obj=CommandContext(tmp_path)).stdout
    assert " ".join(shown.split()).count("(other numbers in the title)") == 2
    assert "Published first" not in shown


def test_a_form_letter_on_hundreds_of_pages_costs_no_hundreds_of_comparisons(
    tmp_path: Path,
) -> None:
    letter = prose(9)
    pages: list[Seen] = [
        seen(str(i), f"Thư mời {i}", f"{letter} {prose(1000 + i, 4)}") for i in range(150)
    ]
    store(tmp_path, pages)
    with closing(open_for_reading(tmp_path)) as connection:
        most = connection.execute(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM near_duplicate GROUP BY other_id)"
        ).fetchone()[0]
        linked = connection.execute(
            "SELECT count(*) FROM article a WHERE EXISTS "
            "(SELECT 1 FROM near_duplicate WHERE a.id IN (article_id, other_id))"
        ).fetchone()[0]
    assert most <= 20
    assert linked == 150


def versions_of_a_text(number: int, count: int) -> Iterator[Seen]:
    for i in range(count):
        yield seen(f"{number}-{i}", f"Tin {number} {i}", edited(prose(number), 40 + 7 * i))


@pytest.mark.parametrize("together", [1, 3, 1000])
def test_it_makes_no_difference_how_many_are_compared_together(
    tmp_path: Path, together: int
) -> None:
    pages = [page for number in range(6) for page in versions_of_a_text(number, 4)]
    store(tmp_path, pages[::2] + pages[1::2])
    found = pairs(tmp_path)
    assert len(found) == 6 * 6
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        connection.execute("UPDATE meta SET value = 'old' WHERE key = 'signatures'")
        near_duplicates.bring_up_to_date(connection)
        while near_duplicates.catch_up(connection, together):
            pass
    assert pairs(tmp_path) == found


def test_within_a_long_run_some_hundred_are_compared_before_it_ends(tmp_path: Path) -> None:
    with ArchiveWriter.open(tmp_path, "crawl", group_size=200) as writer:
        for i in range(1_201):
            url = f"https://thoxuan.example/{i}"
            exchange = Exchange(url, START, status=200, error="not kept by this test")
            body = prose(i % 1_000, 60)
            article = Article(url, f"Tin {i}", body_text=body, published_at="2021-03-05")
            capture = writer.record_exchange("tho-xuan", exchange)
            writer.record_reading(capture, Reading(PageKind.ARTICLE, "test", "1", article))
        assert near_duplicates.waiting(writer.connection) in range(1, 1_000)
    assert pairs(tmp_path) == [(i, 1_000 + i, "shingles", 0) for i in range(1, 202)]


def test_what_a_killed_run_left_is_compared_by_the_next(root: Path, tmp_path: Path) -> None:
    before = pairs(root)
    with closing(open_for_writing(root)) as connection, transaction(connection):
        # As the run leaves it that is killed before its end.
        connection.execute("DELETE FROM near_duplicate WHERE other_id > 3 OR article_id > 3")
        connection.execute("DELETE FROM signature_band WHERE article_id > 3")
        connection.execute("DELETE FROM signature WHERE article_id > 3")
        connection.execute("UPDATE meta SET value = '3' WHERE key = 'signatures_through'")
        assert near_duplicates.waiting(connection) == 3
    ArchiveWriter.open(root, "crawl").close()
    assert pairs(root) == before
    again, anew = expected_again(root)
    assert again == anew


def test_an_article_that_changes_before_it_was_compared_is_compared_as_it_is(root: Path) -> None:
    with closing(open_for_writing(root)) as connection, transaction(connection):
        connection.execute("UPDATE meta SET value = 'old' WHERE key = 'signatures'")
        near_duplicates.bring_up_to_date(connection)
        near_duplicates.refresh(connection, 2)
        assert connection.execute("SELECT count(*) FROM signature").fetchone()[0] == 0
        near_duplicates.catch_up(connection, 4)
        near_duplicates.refresh(connection, 2)
        near_duplicates.refresh(connection, 6)
        signed = connection.execute("SELECT article_id FROM signature ORDER BY 1").fetchall()
    assert [article for (article,) in signed] == [1, 2, 3, 4]


def test_an_archive_without_signatures_catches_up_little_by_little(root: Path) -> None:
    found = pairs(root)
    with writing(root) as connection:
        connection.execute("UPDATE meta SET value = 'made by an older library'")
        near_duplicates.bring_up_to_date(connection)
        assert connection.execute(PAIRS).fetchall() == []
    behind = [True]
    while behind[-1]:  # as if each step were another run
        with writing(root) as connection:
            near_duplicates.bring_up_to_date(connection)
            behind.append(near_duplicates.catch_up(connection, 2))
            signed = connection.execute("SELECT count(*) FROM signature").fetchone()[0]
            assert signed == min(6, 2 * (len(behind) - 1))
    assert len(behind) == 5
    assert pairs(root) == found


def test_an_interrupted_step_is_done_again(root: Path) -> None:
    found = pairs(root)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(root)
    assert pairs(root) == found
    ArchiveWriter.open(root, "crawl").close()
    assert pairs(root) == found


def _interrupted(root: Path) -> None:
    with writing(root) as connection:
        connection.execute("UPDATE meta SET value = 'old' WHERE key = 'signatures'")
        near_duplicates.bring_up_to_date(connection)
        near_duplicates.catch_up(connection, 2)
        raise KeyboardInterrupt


def test_a_new_article_finds_its_like_among_those_not_yet_signed(root: Path) -> None:
    with writing(root) as connection:
        connection.execute("UPDATE meta SET value = 'old' WHERE key = 'signatures'")
    store(root, [seen("9", "Sau cùng", edited(RELEASE, 40), "vi-thuy")], START.replace(day=6))
    assert {(first, other) for first, other, *_ in pairs(root)} == {
        (1, 4), (1, 6), (4, 6), (1, 7), (4, 7), (6, 7),
    }  # fmt: skip
