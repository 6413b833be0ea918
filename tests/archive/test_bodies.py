"""Who published an article, and what a host served: two questions, each with its answer."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from captured_pages import Clock
from stored_articles import START, seen, store

from archive.bodies import Body, Spoke, bodies_of, kind_of, only_body
from archive.database import open_for_reading, open_for_writing, transaction
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import Article
from archive.search import search

DOCUMENTED = Path(__file__).parents[2] / "docs" / "archive.md"
HOST = "hoanghoa.example"
DISTRICT = Body(
    "Huyện Hoằng Hóa",
    "huyện",
    "Thanh Hóa",
    until="2025-07-01",
    successors=("Xã Hoằng Hóa", "Xã Hoằng Tiến"),
    hosts=(
        Spoke(HOST, until="2025-07-01"),
        Spoke("tin.hoanghoa.example", "2019-01-01", "2021-01-01"),
    ),
)
COMMUNE = Body(
    "Xã Hoằng Hóa", "xã", "Thanh Hóa", since="2025-07-01", hosts=(Spoke(HOST, since="2025-07-01"),)
)
FACTS = SiteFacts("hoang-hoa", "Huyện Hoằng Hóa", "Thanh Hóa", f"https://www.{HOST}/", "active")


def record(root: Path, *facts: SiteFacts) -> None:
    with ArchiveWriter.open(root, "crawl", clock=Clock()) as writer:
        for one in facts:
            writer.record_site(one)


def ask(root: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with closing(open_for_reading(root)) as connection:
        return [tuple(row) for row in connection.execute(sql, parameters)]


@pytest.mark.parametrize(
    ("name", "kind", "slug"),
    [
        ("Huyện Hoằng Hóa", "huyện", "huyen-hoang-hoa"),
        ("Thị xã Bỉm Sơn", "thị xã", "thi-xa-bim-son"),
        ("THÀNH PHỐ Thanh Hóa", "thành phố", "thanh-pho-thanh-hoa"),
        ("Xã Đông Sơn", "xã", "xa-dong-son"),
        ("Xãi", "", "xai"),
        ("Sở Y tế", "", "so-y-te"),
    ],
)
def test_the_name_tells_the_kind(name: str, kind: str, slug: str) -> None:
    assert (kind_of(name), Body(name, kind, "").slug) == (kind, slug)


def test_bodies_are_kept_with_their_hosts_and_times(tmp_path: Path) -> None:
    facts = replace(FACTS, bodies=(DISTRICT, COMMUNE))
    record(tmp_path, facts)
    with closing(open_for_reading(tmp_path)) as connection:
        assert bodies_of(connection) == bodies_of(connection, "hoang-hoa") == (DISTRICT, COMMUNE)
    assert ask(
        tmp_path, "SELECT host, body, since, until FROM hosts ORDER BY host, until IS NULL"
    ) == [
        (HOST, "Huyện Hoằng Hóa", None, "2025-07-01"),
        (HOST, "Xã Hoằng Hóa", "2025-07-01", None),
        ("tin.hoanghoa.example", "Huyện Hoằng Hóa", "2019-01-01", "2021-01-01"),
    ]
    assert ask(
        tmp_path, "SELECT slug, kind, successors, hosts FROM bodies WHERE kind = 'huyện'"
    ) == [
        (
            "huyen-hoang-hoa",
            "huyện",
            '["Xã Hoằng Hóa", "Xã Hoằng Tiến"]',
            "hoanghoa.example, tin.hoanghoa.example",
        )
    ]


def test_what_sites_toml_says_today_holds(tmp_path: Path) -> None:
    record(tmp_path, replace(FACTS, bodies=(DISTRICT, COMMUNE)))
    corrected = replace(DISTRICT, until="2025-06-30", successors=(), hosts=(Spoke(HOST),))
    record(tmp_path, replace(FACTS, bodies=(corrected,)))
    with closing(open_for_reading(tmp_path)) as connection:
        assert bodies_of(connection) == (corrected,)
    record(tmp_path, FACTS)
    with closing(open_for_reading(tmp_path)) as connection:
        assert bodies_of(connection) == (only_body(FACTS.name, FACTS.province, FACTS.home),)


def test_two_districts_of_one_name_are_two(tmp_path: Path) -> None:
    homes = {"Long An": "a.example", "Tiền Giang": "b.example"}
    record(
        tmp_path,
        *(
            SiteFacts(f"chau-thanh-{i}", "Huyện Châu Thành", province, f"http://{home}/", "active")
            for i, (province, home) in enumerate(homes.items())
        ),
    )
    rows = ask(tmp_path, "SELECT slug, province FROM bodies ORDER BY province")
    assert rows == [("huyen-chau-thanh", "Long An"), ("huyen-chau-thanh", "Tiền Giang")]


# Published, first seen (days after 2 November 2026), the body that it is of.
ARTICLES = {
    "tin/truoc": ("2021-03-05", "Huyện Hoằng Hóa"),
    "tin/ngay-cuoi": ("2025-06-30T23:59:00+07:00", "Huyện Hoằng Hóa"),
    "tin/ngay-dau": ("2025-07-01T00:01:00+07:00", "Xã Hoằng Hóa"),
    "tin/sau": ("2026-02-03", "Xã Hoằng Hóa"),
    "tin/khong-ngay": (None, "Xã Hoằng Hóa"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    pages = [
        seen(path, f"Bài {path}", site="hoang-hoa", published_at=day)
        for path, (day, _) in ARTICLES.items()
    ]
    pages.append(seen("tin/khac", "Bài nơi khác", published_at="2021-03-05"))
    other_host = Article("http://tin.hoanghoa.example:8080/1", "Bài", published_at="2020-05-05")
    too_late = Article("http://tin.hoanghoa.example/2", "Bài hai", published_at="2021-05-05")
    pages += [replace(pages[0], article=other_host), replace(pages[0], article=too_late)]
    store(root, pages)
    record(root, replace(FACTS, bodies=(DISTRICT, COMMUNE)))
    return root


@pytest.mark.parametrize(
    ("query", "titles", "note"),
    [
        ("bai body:xa-hoang-hoa", {"Bài tin/ngay-dau", "Bài tin/sau"}, "from 2025-07-01 to today"),
        (
            'bai co-quan:"Huyện Hoằng Hóa"',
            {"Bài tin/truoc", "Bài tin/ngay-cuoi", "Bài", "Bài hai"},
            "from the beginning to 2025-06-30",
        ),
        ("bai body:xa-hoang-hoa tu:2026", {"Bài tin/sau"}, "from 2025-07-01"),
        ("bai body:xa-hoang-hoa site:tho-xuan", set(), "from 2025-07-01"),
        ("bai body:xa-hoang-ho", set(), "did you mean xa-hoang-hoa?"),
    ],
)
def test_a_search_can_be_for_one_body(root: Path, query: str, titles: set[str], note: str) -> None:
    with closing(open_for_reading(root)) as connection:
        results = search(connection, query)
    assert {hit.title.text for hit in results.hits} == titles
    assert note in " ".join(results.notes)


def test_everything_that_a_body_published(root: Path) -> None:
    rows = dict(
        ask(
            root,
            "SELECT a.url, b.body FROM articles a LEFT JOIN article_bodies b ON b.article_id = a.id "
            "WHERE a.site = 'hoang-hoa'",
        )
    )
    expected: dict[str, str | None] = {
        f"https://{HOST}/{path}": body for path, (_, body) in ARTICLES.items()
    }
    expected["http://tin.hoanghoa.example:8080/1"] = "Huyện Hoằng Hóa"
    expected["http://tin.hoanghoa.example/2"] = None  # nobody is known to have spoken there then
    assert rows == expected


def test_the_two_questions_of_the_documentation(root: Path) -> None:
    documented = re.search(r"```sql\n(.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    assert documented is not None
    published, served = documented[1].strip().rstrip(";").split(";")
    sql = published.replace("a.*", "a.url")
    assert {Path(url).name for (url,) in ask(root, sql)} == {"truoc", "ngay-cuoi", "1"}
    assert len(ask(root, served.replace("hoanghoa.thanhhoa.gov.vn", HOST))) == len(ARTICLES)


def test_everything_that_a_host_served_in_a_year(root: Path) -> None:
    rows = ask(
        root,
        "SELECT count(*) FROM captures WHERE url LIKE 'https://hoanghoa.example/%' "
        "AND fetched_at >= '2026' AND fetched_at < '2027'",
    )
    assert rows == [(len(ARTICLES),)]  # whoever published it


def test_undated_pages_of_a_frozen_portal_are_of_the_body_that_left_it(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Không ngày", site="hoang-hoa")], START + timedelta(days=1))
    record(tmp_path, replace(FACTS, bodies=(DISTRICT,)))
    assert ask(tmp_path, "SELECT body FROM article_bodies") == [("Huyện Hoằng Hóa",)]


def test_withheld_articles_are_of_nobody(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Không ngày", site="hoang-hoa")])
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        connection.execute("UPDATE article SET status = 'withheld'")
    assert ask(tmp_path, "SELECT * FROM article_bodies") == []


def test_an_archive_from_before_bodies_were_kept_gains_them(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Một", published_at="2021-03-05")])
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        connection.execute("DELETE FROM host")
        connection.execute("DELETE FROM body")
    ArchiveWriter.open(tmp_path, "verify").close()
    assert (
        ask(tmp_path, "SELECT body, host FROM article_bodies") == []
    )  # another host than its home
    assert ("Huyện Thọ Xuân", "tho-xuan.example") in ask(tmp_path, "SELECT body, host FROM hosts")
