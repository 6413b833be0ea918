"""What others saved becomes captures and articles, and says where it came from."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import judges
import pytest
from foreign_files import FORMS, members, plain, record
from running import huyen, one, rows
from small_portal import ARTICLES, HTML, SmallPortal, article_html, article_path, title, write_sites

from archive.database import open_for_reading
from archive.errors import HuyenError
from archive.fixity import verify
from archive.ingest import ArchiveWriter
from archive.timestamps import utc_now
from archive.warc_reader import read_response
from crawler import importing
from crawler.importing import ImportOutcome, UnknownPortal, import_files
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer
from crawler.sites import load_sites

HOST = "dong-son.example"
HOME = f"http://{HOST}"
SAID = "SELECT url, title, summary, body_text, author, category, published_at FROM articles ORDER BY url"


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    return write_sites(tmp_path, "dong-son", "trieu-son")


def http(body: bytes, status: str = "200 OK", kind: str = "text/html") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def answer(
    number: int, *headers: str, date: str = "2019-05-06T07:08:09Z", edited: bool = False
) -> bytes:
    """A response record with an article of the small portal."""
    body = article_html(number, edited=edited).encode()
    return record("response", HOME + article_path(number), http(body), *headers, date=date)


def bring(folder: Path, data: bytes, name: str = "theirs.warc.gz") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def taken(tmp_path: Path, sites: Path, *paths: Path, site: str | None = None) -> ImportOutcome:
    known = load_sites(sites)
    return import_files(
        tmp_path / "archive", known, paths, belongs_to=known[site] if site else None
    )


def verified(archive: Path) -> None:
    assert verify(archive, utc_now()).problems == []


def bodies(archive: Path) -> dict[tuple[str, str], bytes]:
    """The body of every capture with bytes, by path and time."""
    found = {}
    with closing(open_for_reading(archive)) as connection:
        for row in connection.execute("SELECT * FROM captures WHERE record_type IS NOT NULL"):
            stored = read_response(connection, archive, row["id"])
            found[row["url"].removeprefix(HOME), row["fetched_at"][:19]] = stored.body()
    return found


# -- wget -----------------------------------------------------------------------------------------


@dataclass
class Wget:
    portal: SmallPortal
    folder: Path
    proxy: str

    def save(self, name: str, *options: str) -> Path:
        """Saves the portal with the operating system's wget, as anybody would."""
        line = [
            judges.system_tool("wget"), "--quiet", "--recursive", "--level=9", "--page-requisites",
            "--delete-after", "--execute=robots=off", "--tries=1", f"--warc-file={name}", *options, f"{HOME}/",
        ]  # fmt: skip
        done = subprocess.run(
            line,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "http_proxy": self.proxy},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in (0, 8), (
            done.stderr
        )  # 8: the portal has pages that answer 404, 500
        (path,) = self.folder.glob(f"{name}.warc*")
        return path


@pytest.fixture
def wget(tmp_path: Path) -> Iterator[Wget]:
    portal = SmallPortal()
    # A page without a length: sent in chunks, which wget stores as they came.
    body = b"<html><body><h2>Danh b\xe1\xba\xa1</h2></body></html>"
    portal.answers["/danh-ba.html"] = Response(
        200, HTML, (body[at : at + 9] for at in range(0, 45, 9))
    )
    portal.answers["/"] = portal.page(
        '<a href="/tin-tuc/">Tin</a> <a href="/danh-ba.html">Danh bạ</a> <a href="/cu.html">Cũ</a>'
        ' <a href="/hong.html">Hỏng</a> <a href="/mat.html">Mất</a>'
    )
    with PortalServer({HOST: portal}) as server:
        yield Wget(portal, tmp_path, server.proxy_url)


@pytest.mark.parametrize("options", [[], ["--no-warc-compression"]], ids=["gzip", "plain"])
def test_a_warc_of_wget_is_imported_searched_and_traced(
    tmp_path: Path, sites: Path, wget: Wget, options: list[str]
) -> None:
    path = wget.save("portal", *options)
    before = path.read_bytes()
    archive = tmp_path / "archive"
    done = huyen("import", path, archive=archive, sites=sites)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{ARTICLES} new, 0 changed, 0 failed" in done.stdout
    verified(archive)

    found = huyen("search", "phat dong ba con nuoi ca long", "--json", archive=archive)
    (hit, *_) = json.loads(found.stdout)["hits"]
    assert hit["title"] == title(9)
    shown = huyen("show", str(hit["id"]), "--provenance", "--json", archive=archive)
    assert shown.returncode == 0, shown.stderr
    source = json.loads(shown.stdout)["imported_from"]
    assert source["name"] == path.name
    assert source["maker"]["software"].startswith("Wget/")
    kept = archive / source["path"]
    assert kept.read_bytes() == before == path.read_bytes()
    assert source["sha256"] == kept.parent.name
    assert source["record"].encode() in (
        gzip.decompress(before) if kept.suffix == ".gz" else before
    )
    text = huyen("show", str(hit["id"]), "--provenance", archive=archive).stdout
    assert path.name in text
    assert "software: Wget/" in text

    assert set(dict(rows(archive, "SELECT status, 1 FROM captures"))) == {200, 301, 404, 500}
    (chunked,) = (body for (url, _), body in bodies(archive).items() if url == "/danh-ba.html")
    assert chunked.decode() == "<html><body><h2>Danh bạ</h2></body></html>"
    again = huyen("reextract", "dong-son", archive=archive, sites=sites)
    assert "0 new, 0 read differently, 0 failed" in again.stdout


def test_what_is_imported_is_what_a_crawl_would_have_read(
    tmp_path: Path, sites: Path, wget: Wget
) -> None:
    path = wget.save("portal")
    huyen("import", path, archive=tmp_path / "imported", sites=sites)
    huyen("crawl", "dong-son", archive=tmp_path / "crawled", sites=sites, proxy=wget.proxy)
    imported = [tuple(row) for row in rows(tmp_path / "imported", SAID)]
    assert imported == [tuple(row) for row in rows(tmp_path / "crawled", SAID)]
    assert len(imported) == ARTICLES


def test_revisits_of_wget_are_resolved_although_their_block_digests_are_wrong(
    tmp_path: Path, sites: Path, wget: Wget
) -> None:
    first = wget.save("first", "--warc-cdx")
    wget.portal.set_article(5, edited=True)
    began = int(time.time())
    # wget dates to the second, and the same second is the same. One more: its clock is the coarse one.
    while int(time.time()) < began + 2:
        time.sleep(0.02)
    second = wget.save("second", "--warc-dedup=first.cdx", "--warc-cdx")
    assert b"WARC-Type: revisit" in gzip.decompress(second.read_bytes())
    outcome = taken(tmp_path, sites, second, first)
    assert [(f.unresolved, f.damaged, f.known) for f in outcome.files] == [([], [], 0)] * 2
    archive = tmp_path / "archive"
    assert one(archive, "SELECT count(*) FROM articles") == ARTICLES
    assert one(archive, "SELECT max(versions) FROM articles") == 2
    pictures = rows(
        archive, "SELECT count(*) AS n FROM captures WHERE url LIKE '%.png' GROUP BY url"
    )
    assert {row["n"] for row in pictures} == {2}
    verified(archive)


# -- other makers ---------------------------------------------------------------------------------


def test_heritrix_browsertrix_and_archiveweb_page_are_understood(
    tmp_path: Path, sites: Path
) -> None:
    """Requests before and after their answers, records that are no exchange, a package."""
    request = b"GET / HTTP/1.1\r\nHost: dong-son.example\r\n\r\n"
    first, second = answer(1, "WARC-Record-ID: <urn:uuid:1>"), answer(2, "WARC-Record-ID: <urn:uuid:2>", "WARC-Concurrent-To: <urn:uuid:r2>")  # fmt: skip
    records = [
        record("warcinfo", "x", b"software: Browsertrix-Crawler 1.9.0\r\n"),
        record("response", "dns:dong-son.example", b"20190506 dong-son.example. IN A 127.0.0.1"),
        first,
        record("request", HOME + article_path(1), request, "WARC-Concurrent-To: <urn:uuid:1>"),
        record(
            "metadata", HOME + article_path(1), b"via: /\r\n", "WARC-Concurrent-To: <urn:uuid:1>"
        ),
        record("request", HOME + article_path(2), request, "WARC-Record-ID: <urn:uuid:r2>"),
        second,
        record("resource", f"urn:pageinfo:{HOME}/", b"{}"),
    ]
    path = bring(tmp_path, FORMS["stored in a WACZ"](records), "crawl.wacz")
    (file,) = taken(tmp_path, sites, path).files
    assert (file.added, file.is_whole) == (2, True)
    assert file.other == {"warcinfo": 1, "response": 1, "metadata": 1, "resource": 1}
    archive = tmp_path / "archive"
    (captured, _) = rows(archive, "SELECT * FROM capture ORDER BY url")
    assert captured["fetched_at"] == "2019-05-06T07:08:09.000000Z"
    assert captured["via"].endswith("/crawl.wacz#archive/data.warc.gz!urn:uuid:1")
    for warc in (archive / "warc" / "dong-son").iterdir():
        assert gzip.decompress(warc.read_bytes()).count(request) == 2
        judges.accept(judges.tool("warcio"), "check", warc)
    shown = huyen("show", "1", "--provenance", "--json", archive=archive)
    assert json.loads(shown.stdout)["imported_from"]["maker"] == {
        "software": "Browsertrix-Crawler 1.9.0",
        "wacz software": "Browsertrix 1.9",
        "wacz title": "Tin",
    }
    verified(archive)


@pytest.mark.parametrize("form", FORMS)
def test_however_it_is_packed_it_is_the_same_import(tmp_path: Path, sites: Path, form: str) -> None:
    path = bring(tmp_path, FORMS[form]([answer(number) for number in range(1, 6)]))
    (file,) = taken(tmp_path, sites, path).files
    assert (file.added, file.is_whole) == (5, True)
    titles = {row["title"] for row in rows(tmp_path / "archive", SAID)}
    assert titles == {title(number) for number in range(1, 6)}


# -- revisits -------------------------------------------------------------------------------------

REFERS = (
    "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    f"WARC-Refers-To-Target-URI: {HOME}{article_path(1)}",
    "WARC-Refers-To-Date: 2019-05-06T07:08:09Z",
)


def revisit(*headers: str, block: bytes = http(b""), date: str = "2020-01-01T00:00:00Z") -> bytes:
    return record("revisit", f"{HOME}/in/1.html", block, *(headers or REFERS), date=date)


def expect_resolved(archive: Path) -> None:
    found = bodies(archive)
    assert found["/in/1.html", "2020-01-01T00:00:00"] == article_html(1).encode()
    assert len(found) == 2
    verified(archive)


def test_a_revisit_may_come_before_its_original(tmp_path: Path, sites: Path) -> None:
    taken(tmp_path, sites, bring(tmp_path, members([revisit(), answer(1)])))
    expect_resolved(tmp_path / "archive")


def test_the_original_may_be_in_another_file(tmp_path: Path, sites: Path) -> None:
    taken(tmp_path, sites, bring(tmp_path, members([revisit()]), "a.warc.gz"), bring(tmp_path, plain([answer(1)]), "b.warc"))  # fmt: skip
    expect_resolved(tmp_path / "archive")


def test_the_original_may_be_in_the_archive_already(tmp_path: Path, sites: Path) -> None:
    taken(tmp_path, sites, bring(tmp_path, members([answer(1)]), "a.warc.gz"))
    taken(tmp_path, sites, bring(tmp_path, members([revisit()]), "b.warc.gz"))
    expect_resolved(tmp_path / "archive")


@pytest.mark.parametrize(
    "headers",
    [
        ("WARC-Refers-To: <urn:uuid:1>",),
        ("WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",),
    ],
    ids=["by record id", "by digest alone"],
)
def test_makers_name_the_original_in_different_ways(
    tmp_path: Path, sites: Path, headers: tuple[str, ...]
) -> None:
    # The digest is not that of the bytes, but without a block digest nothing speaks against them.
    original = answer(1, "WARC-Record-ID: <urn:uuid:1>", "WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")  # fmt: skip
    taken(tmp_path, sites, bring(tmp_path, members([original, revisit(*headers)])))
    expect_resolved(tmp_path / "archive")


def test_a_revisit_without_a_head_has_that_of_its_original(tmp_path: Path, sites: Path) -> None:
    taken(tmp_path, sites, bring(tmp_path, members([answer(1), revisit(block=b"")])))
    expect_resolved(tmp_path / "archive")


def test_a_revisit_to_nothing_is_never_written_but_told_and_may_follow(
    tmp_path: Path, sites: Path
) -> None:
    alone = bring(tmp_path, members([revisit(), answer(2)]), "a.warc.gz")
    archive = tmp_path / "archive"
    done = huyen("import", alone, archive=archive, sites=sites)
    assert done.returncode == 1
    assert (
        f"{HOME}/in/1.html of 2020-01-01T00:00:00Z repeats {HOME}{article_path(1)}" in done.stderr
    )
    assert one(archive, "SELECT count(*) FROM captures") == 1
    taken(tmp_path, sites, bring(tmp_path, members([answer(1)]), "b.warc.gz"))
    (file,) = taken(tmp_path, sites, alone).files
    assert (file.added, file.known, file.is_whole) == (1, 1, True)
    verified(archive)


def test_a_304_is_kept_as_what_it_is(tmp_path: Path, sites: Path) -> None:
    not_modified = http(b"", "304 Not Modified")
    profile = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    again = record(
        "revisit", HOME + article_path(1), not_modified, profile, date="2020-01-01T00:00:00Z"
    )
    later = answer(1, date="2021-01-01T00:00:00Z", edited=True)
    taken(tmp_path, sites, bring(tmp_path, members([later]), "later.warc.gz"))
    taken(tmp_path, sites, bring(tmp_path, members([answer(1), again])))
    (stored,) = rows(tmp_path / "archive", "SELECT * FROM capture WHERE status = 304")
    assert (stored["record_type"], stored["payload_digest"]) == ("revisit", None)
    original = rows(tmp_path / "archive", "SELECT * FROM capture WHERE id = ?", stored["refers_to"])
    assert original[0]["fetched_at"] == "2019-05-06T07:08:09.000000Z"
    verified(tmp_path / "archive")


# -- once and again -------------------------------------------------------------------------------


def counts(archive: Path) -> tuple[int, ...]:
    return tuple(
        one(archive, f"SELECT count(*) FROM {table}")
        for table in ("capture", "article", "version", "reading", "warc")
    )


def test_importing_again_adds_nothing_under_whatever_name(tmp_path: Path, sites: Path) -> None:
    records = [answer(1), answer(2), answer(1, date="2020-01-01T00:00:00Z", edited=True)]
    path = bring(tmp_path, members(records))
    taken(tmp_path, sites, path)
    archive = tmp_path / "archive"
    before = counts(archive)
    (same,) = taken(tmp_path, sites, path).files
    assert (same.added, same.known) == (0, 3)
    packed = bring(tmp_path, FORMS["compressed in a WACZ"](records), "same.wacz")
    taken(tmp_path, sites, packed, bring(tmp_path, plain(records), "same.warc"))
    assert counts(archive) == before
    assert len(list((archive / "imports").glob("*/*"))) == 3
    verified(archive)


def test_exchanges_that_agree_in_everything_are_as_many_as_there_were(
    tmp_path: Path, sites: Path
) -> None:
    """The same page twice within a second, which is as precise as most dates are."""
    twins = [answer(1, "WARC-Record-ID: <urn:uuid:1>"), answer(1, "WARC-Record-ID: <urn:uuid:2>")]
    archive = tmp_path / "archive"
    taken(tmp_path, sites, bring(tmp_path, members(twins[:1]), "a.warc.gz"))
    (file,) = taken(tmp_path, sites, bring(tmp_path, members(twins), "b.warc.gz")).files
    assert (file.added, file.known) == (1, 1)
    taken(tmp_path, sites, bring(tmp_path, plain(twins), "c.warc"), bring(tmp_path, members(twins[::-1]), "d.warc.gz"))  # fmt: skip
    assert one(archive, "SELECT count(*) FROM captures") == 2
    verified(archive)


def test_what_was_exported_comes_back_as_it_was(tmp_path: Path, sites: Path) -> None:
    first = bring(tmp_path, members([answer(1), answer(2), revisit(), answer(1, date="2021-01-01T00:00:00Z", edited=True)]))  # fmt: skip
    taken(tmp_path, sites, first)
    archive, wacz = tmp_path / "archive", tmp_path / "out.wacz"
    assert huyen("export", "wacz", wacz, archive=archive).returncode == 0
    before = counts(archive)
    taken(tmp_path, sites, wacz)
    assert counts(archive) == before
    import_files(tmp_path / "second", load_sites(sites), [wacz])
    for sql in (SAID, "SELECT url, fetched_at, status, payload_digest, record_type FROM captures ORDER BY url, fetched_at"):  # fmt: skip
        assert [tuple(r) for r in rows(tmp_path / "second", sql)] == [
            tuple(r) for r in rows(archive, sql)
        ]
    assert bodies(tmp_path / "second") == bodies(archive)


def test_versions_follow_the_time_of_capture_not_of_import(tmp_path: Path, sites: Path) -> None:
    later = bring(
        tmp_path, members([answer(1, date="2021-01-01T00:00:00Z", edited=True)]), "b.warc.gz"
    )
    earlier = bring(tmp_path, members([answer(1)]), "a.warc.gz")
    taken(tmp_path, sites, later)
    taken(tmp_path, sites, earlier)
    (row,) = rows(tmp_path / "archive", "SELECT * FROM articles")
    assert "đã sửa" in row["body_text"]
    assert (row["first_seen"][:10], row["last_seen"][:10]) == ("2019-05-06", "2021-01-01")


def test_an_import_that_was_killed_is_completed_by_the_next(
    tmp_path: Path, sites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bring(tmp_path, members([answer(number) for number in range(1, 6)]))

    def killed(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importing, "read_stored_pages", killed)
        with pytest.raises(KeyboardInterrupt):
            taken(tmp_path, sites, path)
    archive = tmp_path / "archive"
    assert counts(archive)[:2] == (5, 0)
    taken(tmp_path, sites, path)
    assert counts(archive)[:2] == (5, 5)
    verified(archive)


# -- whose is it ----------------------------------------------------------------------------------


def elsewhere(path: str, body: bytes = b"x", host: str = "fonts.example.com") -> bytes:
    return record("response", f"http://{host}{path}", http(body))


def test_a_file_of_no_known_portal_is_refused_before_anything_is_written(
    tmp_path: Path, sites: Path
) -> None:
    path = bring(
        tmp_path, members([elsewhere("/a"), elsewhere("/b"), elsewhere("/", host="la.vn")])
    )
    done = huyen("import", path, archive=tmp_path / "archive", sites=sites)
    assert done.returncode == 2
    assert "fonts.example.com (2), la.vn (1); say with --site SLUG" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "archive").exists()


def test_site_takes_what_no_portal_claims_and_reads_it(tmp_path: Path, sites: Path) -> None:
    body = article_html(4).encode()
    old = record("response", f"http://dongson.old.example{article_path(4)}", http(body))
    path = bring(tmp_path, members([old]))
    archive = tmp_path / "archive"
    done = huyen("import", "--site", "dong-son", path, archive=archive, sites=sites)
    assert done.returncode == 0, done.stderr
    assert one(archive, "SELECT title FROM articles WHERE site = 'dong-son'") == title(4)
    again = huyen("reextract", "dong-son", archive=archive, sites=sites)
    assert "1 pages, 1 articles; 0 new, 0 read differently" in again.stdout
    wrong = huyen("import", "--site", "dongson", path, archive=archive, sites=sites)
    assert wrong.returncode == 2
    assert "did you mean dong-son" in wrong.stderr


def test_what_a_page_embeds_goes_with_it_and_is_no_article_of_the_portal(
    tmp_path: Path, sites: Path
) -> None:
    records = [answer(1), elsewhere("/font.woff"), elsewhere("/frame", article_html(7).encode())]
    (file,) = taken(tmp_path, sites, bring(tmp_path, members(records))).files
    assert (file.added, file.left_out) == (3, {})
    archive = tmp_path / "archive"
    assert one(archive, "SELECT count(*) FROM captures WHERE site = 'dong-son'") == 3
    huyen("reextract", "dong-son", archive=archive, sites=sites)
    assert [row["title"] for row in rows(archive, SAID)] == [title(1)]


def test_of_several_portals_each_gets_its_own_and_the_rest_is_told(
    tmp_path: Path, sites: Path
) -> None:
    other = record("response", f"http://www.trieu-son.example{article_path(2)}", http(article_html(2).encode()))  # fmt: skip
    path = bring(tmp_path, members([answer(1), other, elsewhere("/x")]))
    done = huyen("import", path, archive=tmp_path / "archive", sites=sites)
    assert done.returncode == 0
    assert "left out, of no portal in the sites file: fonts.example.com (1)" in done.stderr
    again = huyen("import", path, "--json", archive=tmp_path / "archive", sites=sites)
    (file,) = json.loads(again.stdout)["files"]
    assert (file["exchanges"], file["known"], file["left_out"]) == (3, 2, {"fonts.example.com": 1})
    found = rows(tmp_path / "archive", "SELECT site, title FROM articles ORDER BY site")
    assert [tuple(row) for row in found] == [("dong-son", title(1)), ("trieu-son", title(2))]


def test_a_host_that_has_passed_to_another_body_is_not_the_portal(
    tmp_path: Path, sites: Path
) -> None:
    text = sites.read_text()
    life = 'life = { state = "gone", since = 2020-01-01, reason = "abolished" }\n'
    sites.write_text(text.replace("[trieu-son]", life + "[trieu-son]"))
    before = bring(tmp_path, members([answer(1)]), "a.warc.gz")
    after = bring(tmp_path, members([answer(2, date="2020-01-01T00:00:00Z")]), "b.warc.gz")
    assert taken(tmp_path, sites, before).files[0].added == 1
    with pytest.raises(UnknownPortal, match="had these hosts at that time"):
        taken(tmp_path, sites, after)
    assert taken(tmp_path, sites, after, site="dong-son").files[0].added == 1


# -- what is wrong --------------------------------------------------------------------------------


def test_damage_is_reported_and_the_rest_imported(tmp_path: Path, sites: Path) -> None:
    wrong = answer(3, "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    torn = gzip.compress(answer(4))[:-20]
    undated = answer(5).replace(b"WARC-Date: 2019-05-06T07:08:09Z", b"WARC-Date: yesterday")
    path = bring(tmp_path, members([answer(1), wrong, undated]) + torn + members([answer(2)]))
    archive = tmp_path / "archive"
    done = huyen("import", path, archive=archive, sites=sites)
    assert done.returncode == 1
    assert len(re.findall("damaged, not imported", done.stderr)) == 3
    for reason in ("do not have the digest", "no moment in WARC-Date"):
        assert reason in done.stderr
    assert {row["title"] for row in rows(archive, SAID)} == {title(1), title(2)}
    verified(archive)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither a WARC"),
        (b"not a WARC at all", "neither a WARC"),
        (b"PK\x03\x04rubbish", "a damaged ZIP file"),
        (members([record("warcinfo", "x", b"software: x\r\n")]), "holds no HTTP exchange"),
    ],
)
def test_what_is_no_web_archive_is_refused(
    tmp_path: Path, sites: Path, data: bytes, said: str
) -> None:
    path = bring(tmp_path, data)
    with pytest.raises(HuyenError, match=said) as refused:
        taken(tmp_path, sites, path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "archive").exists()


def test_the_kept_file_is_part_of_fixity(tmp_path: Path, sites: Path) -> None:
    taken(tmp_path, sites, bring(tmp_path, members([answer(1)]), "-tên lạ #1.warc.gz"))
    archive = tmp_path / "archive"
    (kept,) = (archive / "imports").glob("*/*")
    verified(archive)
    shown = huyen("show", "1", "--provenance", "--json", archive=archive)
    assert json.loads(shown.stdout)["imported_from"]["path"] == kept.relative_to(archive).as_posix()
    kept.write_bytes(kept.read_bytes() + b"x")
    assert [problem.kind for problem in verify(archive, utc_now()).problems] == ["changed-file"]
    kept.unlink()
    sampled = verify(archive, utc_now(), sample=1).problems
    assert [problem.kind for problem in sampled] == ["missing-file"]


def test_where_it_came_from_outlives_the_database(tmp_path: Path, sites: Path) -> None:
    taken(tmp_path, sites, bring(tmp_path, members([answer(1), answer(2)]), "tên lạ.warc.gz"))
    archive = tmp_path / "archive"
    told = "SELECT url, fetched_at, via FROM capture ORDER BY url"
    before = [tuple(row) for row in rows(archive, told)]
    for path in archive.glob("archive.db*"):
        path.unlink()
    ArchiveWriter.open(archive, "crawl").close()
    assert [tuple(row) for row in rows(archive, told)] == before
    assert all(via.startswith("imports/") for _, _, via in before)
    verified(archive)


def test_a_payload_over_the_limit_is_cut_marked_and_told(
    tmp_path: Path, sites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LONGEST_BLOCK", 5000)
    large = record("response", f"{HOME}/phim.mp4", http(b"x" * 9000, kind="video/mp4"))
    (file,) = taken(tmp_path, sites, bring(tmp_path, members([large]))).files
    assert (file.added, file.cut) == (1, 1)
    (stored,) = rows(tmp_path / "archive", "SELECT * FROM capture")
    assert (stored["truncated"], stored["payload_length"] < 5000) == ("length", True)
    verified(tmp_path / "archive")
