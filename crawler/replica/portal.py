"""What every replica portal has in common: addresses, counters, assets, and the truth about it.

A platform (`crawler.replica.markup`) says how things look and where they live.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import re
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol, TypeVar, runtime_checkable
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from archive.schema import Attachment, Image
from archive.vietnamese import fold
from crawler.replica.attachments import document
from crawler.replica.pictures import picture
from crawler.replica.stories import File, Paragraph, Picture, Story, Table, stories_of

PER_PAGE = 10
VIETNAM = dt.timezone(dt.timedelta(hours=7))
MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer before transfer: the server adds framing and, for text, content encoding.

    A body in pieces is sent chunked, each piece as it comes. With ``Content-Length``,
    ``Transfer-Encoding`` or ``Content-Encoding`` in the headers the body is sent exactly as given
    (and the connection is closed), so that a portal may lie.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""


class Portal(Protocol):
    """Anything that `crawler.replica.server.PortalServer` can serve under a host name."""

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        """The answer to a GET of ``path`` (with query); header names are in lower case. Called
        from several threads. Raising ConnectionAbortedError drops the connection unanswered."""
        ...


@runtime_checkable
class Poster(Protocol):
    """A portal that also takes forms."""

    def post(self, path: str, form: bytes) -> Response:
        """The answer to a POST of ``form``, as `Portal.respond` answers a GET."""
        ...


@dataclass(frozen=True, slots=True)
class PrintedArticle:
    """What a portal printed about one article, known because it was published from this.

    Text is NFC with single spaces. ``caption`` of an image is without the brackets that some
    portals put around it, ``alt`` as in the markup; image URLs are those of the ``<img>``.
    ``paragraphs`` hold neither sapo, captions, byline nor the cells of ``table``. ``view_count``
    is the count before the first visit of this portal object, None where none is printed.
    ``aliases`` are further addresses of the same article, redirecting or not.
    """

    url: str
    aliases: tuple[str, ...]
    title: str
    category: tuple[str, ...]
    published_at: str
    published_raw: str
    summary: str
    paragraphs: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    author: str
    images: tuple[Image, ...]
    attachments: tuple[Attachment, ...]
    view_count: int | None

    @property
    def text(self) -> str:
        """Sapo and paragraphs, one a line: notices print no sapo, and a reader may take their
        first paragraph for one."""
        return "\n".join(filter(None, (self.summary, *self.paragraphs)))


@dataclass(frozen=True, slots=True)
class Changes:
    """What happens between epoch 0 and epoch 1, as absolute URLs. ``moved`` is (old, new)."""

    new: tuple[str, ...]
    edited: str
    deleted: str
    moved: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A category: its heading as printed, its address, and the fields of news it collects."""

    name: str
    path: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Publication:
    """A story in its sections; ``paths`` runs beside ``sections``, the first is canonical."""

    story: Story
    sections: tuple[Section, ...]
    paths: tuple[str, ...]
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: ``number`` counts those to the portal, ``hits`` those to this address."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    number: int
    hits: int

    def page(self, parameter: str) -> int:
        """The page asked for, from 1; 1 where it is missing or no number."""
        value = self.query.get(parameter, ["1"])[0]
        return max(1, int(value)) if value.isascii() and value.isdigit() else 1


Handler = Callable[[Visit], Response]


class ReplicaPortal(ABC):
    """One portal at one epoch: 0 the first visit, 1 the next (new, edited, deleted, moved)."""

    slug: ClassVar[str]
    host: ClassVar[str]
    sections: ClassVar[tuple[Section, ...]]
    volatile: ClassVar[tuple[re.Pattern[bytes], ...]]  # what changes on a page at every fetch
    robots: ClassVar[str]
    assets_of_pages: ClassVar[Mapping[str, str]] = {}  # style sheets by path
    server_headers: ClassVar[Mapping[str, str]]
    ignores_case: ClassVar[bool] = False

    def __init__(self, epoch: int = 0) -> None:
        if epoch not in (0, 1):
            raise ValueError("epoch is 0 or 1")
        self.epoch = epoch
        self.home = f"http://{self.host}/"
        self._lock = threading.Lock()
        self._visits: Counter[str] = Counter()
        self._handlers: dict[str, Handler] = {}
        stories = stories_of(self.slug)
        plain = [s for s in stories if s.field in ("kinhte", "xahoi") and not s.late and s.byline]
        self._edited, self._deleted, self._moved = plain[1], plain[4], plain[6]
        self._pinned, self._both = [s for s in stories if s.field == "dang"][-2:]
        self.publications = tuple(
            self._publication(self._revised(story))
            for story in stories
            if (epoch == 1 and story.number != self._deleted.number)
            or (epoch == 0 and not story.late)
        )
        self.renamed = next(p for p in self.publications if p.story.field == "anninh")
        self.changes = Changes(
            new=tuple(self.absolute(self._first_path(s)) for s in stories if s.late),
            edited=self.absolute(self._first_path(self._edited)),
            deleted=self.absolute(self._first_path(self._deleted)),
            moved=(
                self.absolute(self._first_path(self._moved)),
                self.absolute(self.moved_path(self._moved)),
            ),
        )
        self.dead = {self.absolute(path): status for path, status in self.dead_links().items()}
        self._open()

    # ---- what a platform decides

    @abstractmethod
    def article_path(self, story: Story, section: Section, *, second: bool = False) -> str:
        """Where the story lives; ``second``: the address in a further category."""

    @abstractmethod
    def moved_path(self, story: Story) -> str:
        """Where the moved story lives in epoch 1."""

    def moved_section(self, story: Story) -> Section:
        """The category of the moved story in epoch 1."""
        return self._section_of(story)

    @abstractmethod
    def picture_path(self, story: Story, shot: Picture) -> str: ...

    @abstractmethod
    def picture_alt(self, story: Story, shot: Picture) -> str: ...

    @abstractmethod
    def file_path(self, story: Story, file: File) -> str: ...

    @abstractmethod
    def printed_date(self, story: Story) -> tuple[str, str]:
        """(published_at, published_raw) of the story."""

    @abstractmethod
    def dead_links(self) -> Mapping[str, int]:
        """Internal links that lead nowhere, with the status that they answer."""

    @abstractmethod
    def routes(self) -> Mapping[str, Handler]:
        """Home, sections, static pages, redirects, by decoded path."""

    @abstractmethod
    def article_page(
        self, publication: Publication, section: Section, visit: Visit
    ) -> Response: ...

    @abstractmethod
    def missing(self, visit: Visit) -> Response:
        """The answer for an unknown address."""

    def view_count(self, story: Story) -> int | None:
        """The count of views before the first visit; None where the portal prints none."""
        return None

    def pictures_beside(self, path: str, shot: Picture) -> Iterable[tuple[str, int]]:
        """Further renditions of the picture at ``path``: (path, width)."""
        return ()

    # ---- serving

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(path)
        decoded = unquote(parts.path)
        key = decoded.lower() if self.ignores_case else decoded
        with self._lock:
            self._visits[""] += 1
            self._visits[key] += 1
            visit = Visit(
                decoded, parse_qs(parts.query), headers, self._visits[""], self._visits[key]
            )
        return self._handlers.get(key, self.missing)(visit)

    def html(self, text: str, status: int = 200, **headers: str) -> Response:
        """A page that no cache may keep."""
        fixed = {
            **self.server_headers,
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "private",
        }
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(status, {**fixed, **extra}, text.encode())

    def redirect(self, path: str, status: int = 301) -> Handler:
        """To another path of this portal: relative, so that it holds under any host name."""
        text = f'<html><head><title>Object moved</title></head><body><a href="{path}">here</a></body></html>'
        return lambda visit: self.html(text, status, Location=path)

    def absolute(self, path: str) -> str:
        return urljoin(f"http://{self.host}/", path)

    def listed(self, section: Section) -> list[tuple[Publication, str]]:
        """The publications of a section with their address in it, newest first, pinned on top."""
        found = [
            (publication, path)
            for publication in self.publications
            for own, path in zip(publication.sections, publication.paths, strict=True)
            if own == section
        ]
        return sorted(found, key=lambda pair: not pair[0].pinned)

    def latest(self, count: int) -> tuple[Publication, ...]:
        return self.publications[:count]

    def others(self, publication: Publication, section: Section) -> list[tuple[Publication, str]]:
        """Older news of the section, for the list under an article."""
        return [
            pair
            for pair in self.listed(section)
            if pair[0].story.moment < publication.story.moment and not pair[0].pinned
        ][:6]

    # ---- what was published

    def truth(self) -> list[PrintedArticle]:
        """Every article of this epoch, newest first."""
        return [self._printed(publication) for publication in self.publications]

    def _printed(self, publication: Publication) -> PrintedArticle:
        story = publication.story
        at, raw = self.printed_date(story)
        urls = tuple(self.absolute(path) for path in publication.paths)
        moved = self.epoch == 1 and story.number == self._moved.number
        tables = [block for block in story.blocks if isinstance(block, Table)]
        return PrintedArticle(
            url=urls[0],
            aliases=(self.changes.moved[0],) if moved else urls[1:],
            title=story.title,
            category=tuple(section.name for section in publication.sections),
            published_at=at,
            published_raw=raw,
            summary=story.summary,
            paragraphs=story.paragraphs,
            table=tables[0].rows if tables else (),
            author=story.byline,
            images=tuple(
                Image(
                    url=self.absolute(self.picture_path(story, shot)),
                    caption=self.picture_caption(story, shot),
                    alt=self.picture_alt(story, shot),
                )
                for shot in story.pictures
            ),
            attachments=tuple(
                Attachment(
                    url=self.absolute(self.file_path(story, file)),
                    label=file.name,
                    media_type=MEDIA_TYPES[file.kind],
                )
                for file in story.files
            ),
            view_count=self.view_count(story),
        )

    def picture_caption(self, story: Story, shot: Picture) -> str:
        """The caption as far as the portal prints it."""
        return shot.caption

    # ---- assembling

    def _first_path(self, story: Story) -> str:
        return self.article_path(story, self._section_of(story))

    def _section_of(self, story: Story) -> Section:
        return next(section for section in self.sections if story.field in section.fields)

    def _publication(self, story: Story) -> Publication:
        sections = [self._section_of(story)]
        paths = [self._first_path(story)]
        if story.number == self._both.number:
            second = next(section for section in self.sections if section != sections[0])
            sections.append(second)
            paths.append(self.article_path(story, second, second=True))
        if self.epoch == 1 and story.number == self._moved.number:
            sections, paths = [self.moved_section(story)], [self.moved_path(story)]
        return Publication(
            story, tuple(sections), tuple(paths), pinned=story.number == self._pinned.number
        )

    def _revised(self, story: Story) -> Story:
        if self.epoch == 0 or story.number != self._edited.number:
            return story
        correction = Paragraph(
            "Ban biên tập đã bổ sung thông tin sau khi đăng: số liệu trong bài được cập nhật theo "
            "báo cáo chính thức của cơ quan chuyên môn."
        )
        return replace(story, blocks=(*story.blocks, correction))

    def _open(self) -> None:
        for publication in self.publications:
            story = publication.story
            for section, path in zip(publication.sections, publication.paths, strict=True):
                self._route(path, self._article(publication, section))
            for shot in story.pictures:
                path = self.picture_path(story, shot)
                self._route(path, self._picture(shot.serial, 500, path, story.moment))
                for other, width in self.pictures_beside(path, shot):
                    self._route(other, self._picture(shot.serial, width, other, story.moment))
            for file in story.files:
                self._route(self.file_path(story, file), self._file(story, file))
        for path, handler in self.routes().items():
            self._route(path, handler)
        for path, text in self.assets_of_pages.items():
            self._route(path, self._text(text, "text/css"))
        self._route("/robots.txt", self._text(self.robots, "text/plain"))

    def _route(self, path: str, handler: Handler) -> None:
        decoded = unquote(path)
        self._handlers.setdefault(decoded.lower() if self.ignores_case else decoded, handler)

    def _article(self, publication: Publication, section: Section) -> Handler:
        return lambda visit: self.article_page(publication, section, visit)

    def _text(self, text: str, media_type: str) -> Handler:
        headers = {**self.server_headers, "Content-Type": media_type}
        return lambda visit: Response(200, headers, text.encode())

    def _picture(self, serial: int, width: int, path: str, moment: dt.datetime) -> Handler:
        ending = path.rsplit(".", 1)[-1].lower()
        return lambda visit: self._asset(
            picture(f"{self.slug}/{serial}", width, ending), MEDIA_TYPES[ending], moment, visit
        )

    def _file(self, story: Story, file: File) -> Handler:
        lines = (story.title, *story.paragraphs, "Nơi nhận: như trên; lưu văn thư.")
        return lambda visit: self._asset(
            document(file.kind, lines), MEDIA_TYPES[file.kind], story.moment, visit
        )

    def _asset(self, body: bytes, media_type: str, moment: dt.datetime, visit: Visit) -> Response:
        """RFC 9110 section 13: If-None-Match goes before If-Modified-Since."""
        stamp = moment.replace(tzinfo=VIETNAM)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {
            **self.server_headers,
            "Content-Type": media_type,
            "ETag": tag,
            "Last-Modified": email.utils.format_datetime(stamp.astimezone(dt.UTC), usegmt=True),
        }
        asked = visit.headers.get("if-none-match")
        since = visit.headers.get("if-modified-since")
        fresh = tag in asked if asked else since == headers["Last-Modified"]
        return Response(304, headers) if fresh else Response(200, headers, body)


_Item = TypeVar("_Item")


def page_slice(items: Sequence[_Item], page: int) -> Sequence[_Item]:
    """The items of one listing page, from page 1."""
    return items[(page - 1) * PER_PAGE : page * PER_PAGE]


def page_count(items: Sequence[object]) -> int:
    return max(1, -(-len(items) // PER_PAGE))


def slug_words(text: str) -> list[str]:
    """The words of an address: ``"Nghị quyết 35-NQ/TW"`` → ``["nghi", "quyet", "35", …]``."""
    return re.findall(r"[a-z0-9]+", fold(text))
