"""The page of the operator: what is wrong first, however many portals there are."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from read_archive import answers

from archive.ingest import ArchiveWriter, SiteFacts
from archive.reader.app import safe_app
from archive.remarks import say
from archive.site_runs import SiteRun
from archive.timestamps import utc_now

PORTALS = 700
LAST = utc_now() - timedelta(hours=3)
CONCLUDED = {
    7: ("partial", say("requests-failed", failed=20, requests=60)),
    300: ("gone", say("nameless", days=12)),
    650: ("changed", say("field-lost", field="author", share=0, usual=95)),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of all districts, three of them unwell."""
    root = tmp_path_factory.mktemp("archive")
    for nights, when in ((1, LAST - timedelta(days=1)), (0, LAST)):
        with ArchiveWriter.open(root, "crawl", clock=lambda when=when: when) as writer:  # type: ignore[misc]
            for number in range(PORTALS):
                slug = f"huyen-{number:03d}"
                home = f"http://{slug}.example/"
                writer.record_site(
                    SiteFacts(slug, f"Huyện Số {number}", f"Tỉnh {number % 63}", home, "active")
                )
                ok = "ok", say("counts", new=3, changed=0)
                verdict, reason = ok if nights else CONCLUDED.get(number, ok)
                writer.record_site_run(
                    SiteRun(
                        slug, when, when, verdict, reason, articles=40, requests=50,
                        coverage={"author": 0.0 if verdict == "changed" else 0.95},
                        rate=0.5, silence_days=12.0,
                    )
                )  # fmt: skip
    return root


def ask(root: Path, *addresses: str) -> list[str]:
    requests = [(address, "127.0.0.1", [(b"host", b"localhost")]) for address in addresses]
    found = answers(safe_app(root), *requests)
    assert [status for status, _ in found] == [200] * len(addresses)
    return [page for _, page in found]


def named(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/health\?site=huyen-(\d+)', page)]


def test_the_worst_stand_first_and_in_full_and_a_page_is_light(root: Path) -> None:
    (page,) = ask(root, "/health")
    assert named(page)[:3] == [300, 650, 7]
    assert "tên miền không còn tồn tại đã 12 ngày" in page
    assert "tác giả chỉ có ở 0 % số bài, thường là 95 %" in page
    assert page.count('class="spark"') == 3
    wrong = re.search(r"3 cổng thông tin có vấn đề: (.*?)</li>", page)
    assert wrong is not None
    assert re.findall(r'show=(\w+)">[^<]+</a> (\d+)', wrong[1]) == [
        ("gone", "1"), ("changed", "1"), ("partial", "1"),
    ]  # fmt: skip
    assert len(page.encode()) < 100_000
    assert len(named(page)) == 100


def test_every_portal_is_on_one_of_the_pages(root: Path) -> None:
    pages = ask(root, *(f"/health?page={number}" for number in range(1, 8)))
    assert sorted(number for page in pages for number in named(page)) == list(range(PORTALS))
    assert 'rel="next"' in pages[0]
    assert 'rel="next"' not in pages[-1]


def test_every_page_says_how_old_what_it_tells_is(root: Path) -> None:
    written = LAST.strftime("%d/%m/%Y %H:%M UTC")
    for page in ask(
        root, "/health", "/health?page=7", "/health?show=well", "/health?site=huyen-300"
    ):
        assert f"<dt>Kho được ghi lần cuối</dt><dd>{written}" in page
        assert "trang này đọc lúc" in page


def test_portals_are_chosen_by_name_province_and_verdict(root: Path) -> None:
    by_name, by_province, unwell, gone, none = ask(
        root, "/health?q=so+650", "/health?q=t%E1%BB%89nh+12", "/health?show=unwell",
        "/health?show=gone&lang=en", "/health?q=kh%C3%B4ng+c%C3%B3",
    )  # fmt: skip
    assert named(by_name) == [650]
    assert set(named(by_province)) >= {12, 75}
    assert named(unwell) == [300, 650, 7]
    assert re.findall(r"site=huyen-(\d+)&amp;lang=en", gone) == ["300"]
    assert "1 of 700 portals." in gone
    assert named(none) == []
    assert "3 cổng thông tin có vấn đề" in none  # a filter hides no alarm


def test_one_portal_is_told_of_at_length(root: Path) -> None:
    vietnamese, english = ask(root, "/health?site=huyen-650", "/health?site=huyen-650&lang=en")
    assert "author" not in vietnamese
    assert "3,5 bài mới mỗi tuần" in vietnamese
    assert "3.5 new articles a week" in english
    assert english.count("author on 0% of the articles, usually 95%") == 2  # verdict, and its crawl
    assert "3 new, 0 changed" in english
    address = ("/health?site=nowhere", "127.0.0.1", [(b"host", b"localhost")])
    assert answers(safe_app(root), address)[0][0] == 404
