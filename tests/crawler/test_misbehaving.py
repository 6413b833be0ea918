"""A portal may do what it likes: the run ends, the memory is bounded, what is healthy is archived,
and the archive says what was wrong with the rest."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from misbehaving_portal import BOMB_SIZE, MisbehavingPortal, faults
from running import command, environment, huyen, one, rows
from small_portal import ARTICLES

LIMIT = 2 * 1024 * 1024  # DOWNLOAD_MAXSIZE of impatient_settings
TIMES = 1  # RETRY_TIMES + 1


@dataclass(frozen=True)
class Visit:
    archive: Path
    status: int
    peak: int  # bytes of memory
    asked: dict[str, int]


def crawl(folder: Path, home: str, *options: str, **keys: object) -> Visit:
    """Crawls with small limits; ``keys`` go into the table of the site."""
    sites = folder / "sites.toml"
    table: dict[str, object] = {"name": "Huyện Thử", "province": "Tỉnh Thử", "home": home} | keys
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items())
    sites.write_text("[thu]\n" + "\n".join(lines) + "\npace = { delay = 0 }\n", encoding="utf-8")
    archive = folder / "archive"
    env = environment(
        SCRAPY_SETTINGS_MODULE="impatient_settings", PYTHONPATH=str(Path(__file__).parent)
    )
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            command("crawl", *options, archive=archive, sites=sites),
            env=env,
            stdout=said,
            stderr=said,
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, _most_memory(process.pid))
            time.sleep(0.05)
    return Visit(archive, process.returncode, peak, {})


def _most_memory(pid: int) -> int:
    """Bytes at the highest so far. (What getrusage tells of a child counts the memory of the process
    that started it, too.)"""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with MisbehavingPortal() as portal:
        done = crawl(tmp_path_factory.mktemp("visit"), f"http://127.0.0.1:{portal.port}/")
        yield Visit(done.archive, done.status, done.peak, dict(portal.asked))


#: path -> what its captures say: status, truncated, the beginning of the error
CAPTURED = {
    "/khong-het.html": (200, "length", ""),
    "/nho-giot.html": (200, "time", "timeout: "),
    "/nho-giot-dau.html": (None, "", "timeout: no response head within 1 s"),
    "/cam.html": (None, "", "timeout: no response head within 1 s"),
    "/bom-gzip.html": (200, "", ""),
    "/bom-hai-lop.html": (200, "", ""),
    "/bom-deflate.html": (200, "", ""),
    "/bom-br.html": (200, "", ""),
    "/bom-zstd.html": (200, "", ""),
    "/nghin-lop.html": (200, "", ""),
    "/khong-phai-gzip.html": (200, "", ""),
    "/vong.html": (302, "", ""),
    "/url-dai.html": (302, "", ""),
    "/file.html": (302, "", ""),
    "/noi-bo.html": (302, "", ""),
    "/dau-to.html": (None, "", "protocol: response head larger than 262144 bytes"),
    "/dau-vo-tan.html": (None, "", ""),  # whichever limit is reached first
    "/tiep-tuc.html": (None, "", "protocol: too many informational responses"),
    "/hua-nhieu.html": (200, "disconnect", ""),
    "/hua-qua-nhieu.html": (200, "length", ""),
    "/hua-it.html": (200, "", ""),
    "/chunk-rac.html": (200, "unspecified", "protocol: "),
    "/chunk-li-ti.html": (200, "unspecified", "protocol: a body in "),
    "/dut.html": (200, "disconnect", ""),
    "/dut-ngay.html": (None, "", "connect: "),
    "/ssh.html": (None, "", "protocol: "),
    "/http-0-9.html": (None, "", ""),
    "/nul.html": (None, "", "protocol: "),
    "/sau.html": (200, "", ""),
    "/toi.css": (200, "", ""),
    "/sitemap.xml": (200, "", ""),
    "/rss.xml": (200, "", ""),
}


def test_every_fault_is_looked_at() -> None:
    assert CAPTURED.keys() == faults().keys()


@pytest.mark.parametrize("path", CAPTURED)
def test_the_capture_says_what_was_wrong(visit: Visit, path: str) -> None:
    status, truncated, error = CAPTURED[path]
    found = rows(visit.archive, "SELECT * FROM capture WHERE url LIKE ?", f"%{path}")
    assert 1 <= len(found) == visit.asked[path] <= TIMES
    for row in found:
        assert (row["status"], row["truncated"]) == (status, truncated)
        assert row["error"].startswith(error)
        if status is None:
            assert row["error"]


def test_what_is_healthy_is_archived(visit: Visit) -> None:
    assert visit.status in (0, 3)
    assert one(visit.archive, "SELECT count(*) FROM articles") == ARTICLES
    pictures = "SELECT count(*) FROM captures WHERE url LIKE '%/anh/%.png' AND status = 200"
    assert one(visit.archive, pictures) == ARTICLES


def test_memory_stays_bounded(visit: Visit) -> None:
    # An idle crawl takes about 110 MB; five bombs of 40 MB and an endless answer were offered.
    assert 50_000_000 < visit.peak < 110_000_000 + 4 * BOMB_SIZE


def test_nothing_larger_than_the_limit_is_kept_or_read(visit: Visit) -> None:
    assert one(visit.archive, "SELECT max(payload_length) FROM capture") == LIMIT
    unreadable = rows(
        visit.archive,
        "SELECT c.url, r.notes FROM reading r JOIN capture c ON c.id = r.capture_id "
        "WHERE r.kind = 'unreadable'",
    )
    said = {row["url"].rpartition("/")[2]: row["notes"] for row in unreadable}
    assert {name for name in said if name.startswith("bom-")} == {
        "bom-gzip.html", "bom-hai-lop.html", "bom-deflate.html", "bom-br.html", "bom-zstd.html"
    }  # fmt: skip
    assert f"unpacks to more than {LIMIT} bytes" in said["bom-gzip.html"]
    assert "cannot be unpacked" in said["khong-phai-gzip.html"]
    assert "1000 content encodings" in said["nghin-lop.html"]


def test_nothing_but_the_portal_was_asked(visit: Visit) -> None:
    elsewhere = rows(
        visit.archive,
        "SELECT url, status, error FROM captures WHERE url NOT LIKE 'http://127.0.0.1:%'",
    )
    assert [tuple(row) for row in elsewhere] == [
        (
            "http://169.254.169.254/latest/meta-data/",
            None,
            "refused: 169.254.169.254 is no public address",
        )
    ]
    longest = one(visit.archive, "SELECT max(length(url)) FROM captures")
    assert longest < 200


def test_the_archive_is_sound_and_reads_the_same_again(visit: Visit) -> None:
    verified = huyen("verify", archive=visit.archive)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    before = rows(visit.archive, "SELECT url, title, body_text FROM articles ORDER BY id")
    sites = visit.archive.parent / "sites.toml"
    huyen("reextract", archive=visit.archive, sites=sites)
    after = rows(visit.archive, "SELECT url, title, body_text FROM articles ORDER BY id")
    assert [tuple(row) for row in after] == [tuple(row) for row in before]
