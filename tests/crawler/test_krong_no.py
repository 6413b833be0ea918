"""A whole real district portal, crawled as its operator would: `huyen crawl krong-no`.

The portal lies beside the repository, not in it; without it these tests are skipped. What should
be found is counted by a walk of its own, with the standard library's parser and none of the
crawler's code.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest
from running import huyen, one, rows

SHARED = Path(__file__).parents[3] / "shared" / "portals"
PORTAL = SHARED / "krongno.daknong.gov.vn.tar.xz"
HOST = "krongno.daknong.gov.vn"
HOME = f"http://{HOST}/"
SITES = f"""
[krong-no]
name = "Huyện Krông Nô"
province = "Đắk Nông"
home = "{HOME}"
pace = {{ delay = 0, agreed = "a copy on this machine" }}
"""

pytestmark = [
    pytest.mark.skipif(not PORTAL.is_file(), reason=f"the saved portal is not at {PORTAL}"),
]


class _Seen(HTMLParser):
    """Links of a page, and what the portal's article template prints: title, date, the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.title = ""
        self.dated = False
        self.lying_pager = False
        self.folder = ""  # the section that is printed above the title
        self.longest = 0  # characters of the longest run of text in a paragraph
        self._in_paragraph = False
        self._in_title = 0
        self._in_time = False
        self._in_folder = False
        self._pager = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"a", "area"} and values.get("href"):
            self.links.append(values["href"] or "")
            self._pager = values.get("href") == "/"
        if tag in {"frame", "iframe"} and values.get("src"):
            self.links.append(values["src"] or "")
        classes = (values.get("class") or "").split()
        self._in_paragraph |= tag == "p"
        if tag == "p" and "Title" in classes:
            self._in_title += 1
        if tag == "td" and "Time" in classes:
            self._in_time = True
        if tag == "td" and "FolderTitle" in classes:
            self._in_folder = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._in_title = 0
            self._in_paragraph = False
        if tag == "td":
            self._in_time = False
            self._in_folder = False

    def handle_data(self, data: str) -> None:
        self.lying_pager |= self._pager and data.strip() == "Trang sau"
        if self._in_title:
            self.title += data
        elif self._in_paragraph:
            self.longest = max(self.longest, len(data))
        if self._in_folder:
            self.folder += data
        if self._in_time and re.search(r"\d{2}/\d{2}/\d{4}", data):
            self.dated = True


@dataclass(frozen=True)
class Crawl:
    archive: Path
    sites: Path
    proxy: str
    reachable: dict[str, str]  # path of each article page that a reader can click to -> its title
    first: subprocess.CompletedProcess[str]


def _walk(proxy: str) -> dict[str, str]:
    opener = build_opener(ProxyHandler({"http": proxy}))
    waiting, asked, articles = [HOME], {HOME}, {}
    while waiting:
        url = waiting.pop()
        with opener.open(url, timeout=30) as answer:
            if not (answer.headers.get("Content-Type") or "").startswith("text/html"):
                continue
            text = answer.read().decode("utf-8", "replace")
        if "Default 404 Not Found Page" in text:
            continue
        seen = _Seen()
        seen.feed(text)
        # A page headed by its own section's name, and without a text, is that section.
        is_section = seen.title.strip() == seen.folder.strip() and seen.longest < 200
        if seen.title.strip() and seen.dated and not is_section:
            title = unicodedata.normalize("NFC", " ".join(seen.title.split()))
            articles[unquote(urlsplit(url).path).rstrip("/")] = title
        if seen.lying_pager and urlsplit(url).path.strip("/"):
            # Every "Trang sau" of this portal leads to "/", although /page/2 exists.
            path, _, number = url.rstrip("/").partition("/page/")
            seen.links.append(f"{path}/page/{int(number or 1) + 1}")
        for link in seen.links:
            target = urldefrag(urljoin(url, link.strip())).url.replace(" ", "%20")
            parts = urlsplit(target)
            if parts.hostname == HOST and target.isascii() and target not in asked:
                asked.add(target)
                waiting.append(target)
    return articles


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    folder = tmp_path_factory.mktemp("krong-no")
    with tarfile.open(PORTAL) as packed:
        packed.extractall(folder / "copy", filter="data")
    (root,) = (folder / "copy").iterdir()
    server = subprocess.Popen(
        [
            sys.executable,
            SHARED / "mirror_server.py",
            "--soft404",
            "--port=0",
            f"--root={HOST}={root}",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert found is not None
        proxy = found.group()
        sites = folder / "sites.toml"
        sites.write_text(SITES, encoding="utf-8")
        archive = folder / "archive"
        first = huyen("crawl", "krong-no", archive=archive, sites=sites, proxy=proxy)
        yield Crawl(archive, sites, proxy, _walk(proxy), first)
    finally:
        server.terminate()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def test_the_crawl_is_silent_and_well(crawl: Crawl) -> None:
    assert (crawl.first.returncode, crawl.first.stdout, crawl.first.stderr) == (0, "", "")


def test_every_reachable_article_is_there_once_and_nothing_else(crawl: Crawl) -> None:
    stored = [
        unquote(urlsplit(row["url"]).path).rstrip("/")
        for row in rows(crawl.archive, "SELECT url FROM articles")
    ]
    assert len(crawl.reachable) > 80
    assert sorted(stored) == sorted(crawl.reachable)


def test_titles_are_those_that_the_template_prints(crawl: Crawl) -> None:
    for row in rows(crawl.archive, "SELECT url, title FROM articles"):
        printed = crawl.reachable[unquote(urlsplit(row["url"]).path).rstrip("/")]
        assert row["title"] == printed


def test_dates_are_iso_and_bodies_are_clean(crawl: Crawl) -> None:
    for row in rows(crawl.archive, "SELECT url, published_at, body_text FROM articles"):
        assert re.fullmatch(r"20(?:17|18|19)-\d\d-\d\d", row["published_at"] or ""), row["url"]
        for furniture in ("TRANG CHỦ", "Đăng nhập", "TIN ĐÃ ĐƯA", "Số lượt người xem", "Sign In"):
            assert furniture not in row["body_text"], row["url"]


def test_every_exchange_is_in_the_archive_and_every_byte_is_sound(crawl: Crawl) -> None:
    assert one(crawl.archive, "SELECT count(*) FROM captures WHERE url LIKE '%/robots.txt'") >= 1
    assert one(crawl.archive, "SELECT count(*) FROM captures WHERE media_type = 'application/pdf'")
    assert one(crawl.archive, "SELECT count(*) FROM reading WHERE kind = 'missing'")
    verified = huyen("verify", archive=crawl.archive)
    assert verified.returncode == 0, verified.stderr


def test_reading_the_stored_pages_again_changes_nothing(crawl: Crawl) -> None:
    before = rows(crawl.archive, "SELECT * FROM version ORDER BY id")
    again = huyen("reextract", "krong-no", archive=crawl.archive, sites=crawl.sites)
    assert again.returncode == 0, again.stderr
    after = rows(crawl.archive, "SELECT * FROM version ORDER BY id")
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


def test_a_second_crawl_adds_no_version_and_no_second_copy_of_a_payload(crawl: Crawl) -> None:
    versions = one(crawl.archive, "SELECT count(*) FROM version")
    stored = one(crawl.archive, "SELECT count(*) FROM capture WHERE record_type = 'response'")
    second = huyen(
        *("crawl", "--full", "krong-no"),
        archive=crawl.archive,
        sites=crawl.sites,
        proxy=crawl.proxy,
    )
    assert second.returncode == 0, second.stderr
    assert one(crawl.archive, "SELECT count(*) FROM version") == versions
    copies = one(
        crawl.archive,
        "SELECT count(*) FROM capture WHERE record_type = 'response' AND payload_length > 0",
    )
    payloads = one(
        crawl.archive,
        "SELECT count(DISTINCT payload_digest) FROM capture WHERE payload_length > 0",
    )
    assert copies == payloads
    assert (
        one(crawl.archive, "SELECT count(*) FROM capture WHERE record_type = 'revisit'")
        > stored / 2
    )
