"""Fixtures: stored pages of a portal, and what a person agreed that they say.

A folder ``<fixtures>/<slug>/`` holds the pages as files (bytes after content decoding),
``fixture.json`` (where and when they came from) and ``expected.json`` (what reading them must give,
one entry a page). Expectations are generated once by today's extractors, and count only when a
person has compared them with the portal and set ``reviewed``.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive import __version__
from archive.digests import digest_of
from archive.errors import HuyenError
from archive.schema import Article, Reading
from crawler.extraction.page import Page
from crawler.survey.signposts import headlines

FACTS, EXPECTED = "fixture.json", "expected.json"
LISTING = "listing"
_FIELDS = tuple(field.name for field in dataclasses.fields(Article))


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One page of a fixture. ``name`` is ``listing`` or ``article-<n>``; ``fetched_at`` UTC text;
    ``payload_digest`` that of the WARC record, before content decoding; ``digest`` that of the
    file. Both ``sha256:<hex>``."""

    name: str
    file: str
    url: str
    status: int
    content_type: str
    fetched_at: str
    payload_digest: str
    digest: str


@dataclass(frozen=True, slots=True)
class Fixture:
    """A fixture as stored. ``expected`` maps page name → field → value as in `said`."""

    folder: Path
    site: str
    home: str
    pages: tuple[StoredPage, ...]
    expected: Mapping[str, Mapping[str, Any]]
    reviewed: bool

    @property
    def fetched_at(self) -> str:
        """When its newest page was fetched, UTC text."""
        return max(page.fetched_at for page in self.pages)

    def page(self, name: str) -> Page:
        """The stored page. Raises HuyenError where its bytes are not those that were fetched."""
        stored = next(page for page in self.pages if page.name == name)
        body = _read(self.folder / stored.file)
        if digest_of(body) != stored.digest:
            raise HuyenError(
                f"{self.folder / stored.file}: not the bytes that were fetched; keep git and "
                "editors from converting line ends"
            )
        return Page.from_http(stored.url, stored.status, stored.content_type, body)

    @property
    def always_present(self) -> frozenset[str]:
        """Fields that every article of the fixture has."""
        articles = [said for name, said in self.expected.items() if name != LISTING]
        return frozenset(f for f in _FIELDS if articles and all(said.get(f) for said in articles))


def said(name: str, page: Page, read: Callable[[Page], Reading]) -> dict[str, Any]:
    """What reading a page gives, as JSON holds it: of a listing its entries, of an article the
    fields of archive.schema.Article, ``body_text`` as a list of paragraphs."""
    reading = read(page)
    given: dict[str, Any] = {"kind": reading.kind.value}
    if name == LISTING:
        given["entries"] = [asdict(entry) for entry in headlines(page)]
        return given
    given["extractor"] = reading.extractor
    if reading.article is not None:
        article = asdict(reading.article)
        article["body_text"] = reading.article.body_text.split("\n")
        given |= article
    return dict(json.loads(json.dumps(given)))  # lists for tuples, as when read back


def problems(fixture: Fixture) -> list[str]:
    """Why the expectations of a fixture prove nothing yet; empty when they do."""
    path = fixture.folder / EXPECTED
    found = []
    names = {page.name for page in fixture.pages}
    if set(fixture.expected) != names or LISTING not in names or len(names) < 2:
        found.append(f"{path}: must describe a listing and at least one article, page by page")
    for name, fields in fixture.expected.items():
        needed = ("entries",) if name == LISTING else ("title", "url", "extractor")
        empty = [key for key in needed if not fields.get(key)]
        if name != LISTING and not any(
            any(fields.get(key) or ()) for key in ("body_text", "attachments", "images")
        ):
            empty.append("body_text")
        found += [f"{path}: {name} @ {key} is empty; an expectation may not be" for key in empty]
    if not fixture.reviewed:
        found.append(
            f"{path}: review, then commit: compare each field with the stored pages, correct what "
            'is wrong, and set "reviewed": true'
        )
    return found


def load_fixtures(root: Path) -> dict[str, Fixture]:
    """All fixtures under a folder, by slug. Raises HuyenError for one that is broken."""
    if not root.is_dir():
        return {}
    return {
        folder.name: load_fixture(folder)
        for folder in sorted(root.iterdir())
        if not folder.name.startswith(".") and (folder / FACTS).is_file()
    }


def load_fixture(folder: Path) -> Fixture:
    """The fixture in a folder. Raises HuyenError where it cannot be read."""
    try:
        facts = json.loads(_read(folder / FACTS))
        expected = json.loads(_read(folder / EXPECTED))
        reviewed = expected.pop("reviewed")
        return Fixture(
            folder=folder,
            site=str(facts["site"]),
            home=str(facts["home"]),
            pages=tuple(StoredPage(**page) for page in facts["pages"]),
            expected=expected,
            reviewed=reviewed is True,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HuyenError(f"{folder}: not a fixture: {type(error).__name__}: {error}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise HuyenError(f"{path}: cannot be read: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class PageToStore:
    """A page for a new fixture; fields as in `StoredPage`."""

    name: str
    page: Page
    fetched_at: str
    payload_digest: str


def write_fixture(
    folder: Path,
    site: str,
    home: str,
    pages: Sequence[PageToStore],
    read: Callable[[Page], Reading],
) -> None:
    """Writes a new fixture, not reviewed, whole or not at all. Raises HuyenError where there is
    one already, or the disk refuses."""
    stored = [
        StoredPage(
            name=each.name,
            file=f"{each.name}.html",
            url=each.page.url,
            status=each.page.status,
            content_type=each.page.content_type,
            fetched_at=each.fetched_at,
            payload_digest=each.payload_digest,
            digest=digest_of(each.page.body),
        )
        for each in pages
    ]
    facts = {
        "site": site,
        "home": home,
        "made_by": f"huyen {__version__}",
        "pages": [asdict(page) for page in stored],
    }
    expected = {"reviewed": False} | {each.name: said(each.name, each.page, read) for each in pages}
    if folder.exists():
        raise HuyenError(f"{folder} is there already; move it away to make a new fixture")
    temporary = None
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for page, each in zip(stored, pages, strict=True):
            (temporary / page.file).write_bytes(each.page.body)
        for name, document in ((FACTS, facts), (EXPECTED, expected)):
            text = json.dumps(document, ensure_ascii=False, indent=2)
            (temporary / name).write_text(f"{text}\n", encoding="utf-8")
        temporary.chmod(0o755)
        temporary.rename(folder)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                shutil.rmtree(temporary)
        raise HuyenError(f"{folder}: cannot be written: {error.strerror}") from error
