"""An article, its versions and their differences as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.article_history import Event, Happening
from archive.articles import StoredArticle, Version
from archive.clusters import Cluster
from archive.differences import Change, FieldDifference
from archive.terminal import Terminal, day, printable

_UNCHANGED_LINES = 1  # paragraphs of context around a change


def article_text(
    terminal: Terminal, article: StoredArticle, version: Version, cluster: Cluster
) -> Iterator[str]:
    """The article as a person reads it: head, sapo, body, pictures, attachments, addresses, and who
    else printed almost the same."""
    content = version.content
    yield terminal.wrapped(terminal.strong(content.title))
    yield ""
    yield terminal.field("Portal", _portal(article))
    yield terminal.field("Published", _date(content.published_at, content.published_raw))
    if content.updated_at or content.updated_raw:
        yield terminal.field("Updated", _date(content.updated_at, content.updated_raw))
    if content.author:
        yield terminal.field("Byline", content.author)
    if content.category:
        yield terminal.field("Category", ", ".join(content.category))
    if content.summary:
        yield ""
        yield terminal.wrapped(terminal.strong(content.summary))
    for paragraph in content.body_text.split("\n"):
        yield ""
        yield terminal.wrapped(printable(paragraph) or terminal.quiet("(no body text)"))
    if content.images:
        yield from _list(
            terminal, "Pictures", [(i.caption or i.alt, i.url) for i in content.images]
        )
    if content.attachments:
        yield from _list(
            terminal,
            "Attachments",
            [
                (f"{a.label} ({a.media_type})" if a.media_type else a.label, a.url)
                for a in content.attachments
            ],
        )
    yield ""
    yield terminal.strong("In the archive")
    yield from _archive_facts(terminal, article, version)
    yield from _likes(terminal, article, cluster)


def _archive_facts(terminal: Terminal, article: StoredArticle, version: Version) -> Iterator[str]:
    count = len(article.versions)
    yield terminal.field("Article", f"{article.id}, {_status(article)}")
    hint = ""
    if count > 1:
        last = [v.number for v in article.versions[-2:]]
        hint = f" (--versions, --diff {last[0]} {last[1]})"
    yield terminal.field(
        "Version",
        f"{version.number} of {count + len(article.withheld)}, "
        f"captured {day(version.fetched_at)}{hint}",
    )
    if article.withheld:
        withheld = ", ".join(map(str, article.withheld))
        yield terminal.field("Withheld", f"version {withheld}")
    yield terminal.field("Address", article.url)
    for address in article.addresses:
        if address.url != article.url:
            yield terminal.field("", f"{address.url} (last seen {day(address.last_seen)})")
    yield terminal.field("Seen", f"{day(article.first_seen)} to {day(article.last_seen)}")
    if article.duplicate_of is not None:
        yield terminal.field("Same text", f"article {article.duplicate_of}, published first")
    if article.duplicates:
        others = ", ".join(map(str, article.duplicates))
        yield terminal.field("Same text", f"as article {others}")
    if version.content.view_count is not None:
        yield terminal.field("Views", f"{version.content.view_count:,} when first read")
    if version.notes:
        yield terminal.field("Notes", ", ".join(version.notes))


def _status(article: StoredArticle) -> str:
    if article.missing_since is None:
        return article.status
    if article.status == "gone":
        return f"gone since {day(article.missing_since)}"
    return f"{article.status}, but not there when asked on {day(article.missing_since)}"


def _likes(terminal: Terminal, article: StoredArticle, cluster: Cluster) -> Iterator[str]:
    likes = [alike for alike in cluster.alike if not alike.same_text]
    if likes:
        yield ""
        yield terminal.strong("Almost the same text")
    for alike in likes:
        yield terminal.field(
            f"{alike.similarity:.2f}",
            f"article {alike.id}, {alike.portal}, {day(alike.published_at)}: {alike.title}"
            + ("" if alike.same_numbers else " (other numbers in the title)"),
            6,
        )
    earliest = cluster.earliest
    if likes and earliest is not None:
        which = "this one" if earliest.id == article.id else f"article {earliest.id}"
        yield terminal.wrapped(
            f"Published first of {len(cluster.articles)}: {which}, {earliest.portal}, "
            f"{day(earliest.published_at)}."
        )


_CAUSES = {
    "first": "first seen",
    "edit": "edited by the portal",
    "redesign": "printed otherwise, same words",
    "extraction": "read anew",
    "unclear": "unclear: page and extractor differ",
}
_EVENTS = {
    Happening.FIRST: "first seen",
    Happening.EDIT: "edited by the portal",
    Happening.REDESIGN: "printed otherwise, the words are the same",
    Happening.EXTRACTION: "read anew by another extractor",
    Happening.UNCLEAR: "other content: page and extractor both differ",
    Happening.ADDRESS: "under another address:",
    Happening.MISSING: "not there when asked",
    Happening.GONE: "gone: not there either when asked again",
    Happening.RETURN: "there again",
    Happening.LAST: "last seen",
}


def versions_text(
    terminal: Terminal, article: StoredArticle, events: Sequence[Event]
) -> Iterator[str]:
    """All versions, oldest first; the current one has a star. And what happened to the article."""
    yield terminal.table(
        ("", "No.", "Captured", "Why", "Extractor", "Title"),
        [
            (
                "*" if version.number == article.current else "",
                str(version.number),
                day(version.fetched_at),
                _CAUSES.get(version.cause, version.cause),
                f"{version.extractor} {version.extractor_version}",
                version.content.title,
            )
            for version in article.versions
        ],
    )
    yield ""
    yield terminal.strong("History")
    for event in events:
        of = "" if event.version is None else f" (version {event.version})"
        where = "" if event.url is None else f" {event.url}"
        yield terminal.field(day(event.at), f"{_EVENTS[event.what]}{where}{of}", 22)


def differences_text(
    terminal: Terminal, old: Version, new: Version, found: Sequence[FieldDifference]
) -> Iterator[str]:
    """What changed, field by field, ``[-removed-]`` and ``{+added+}``; of a long body the changed
    paragraphs with one on each side."""
    yield terminal.quiet(
        f"version {old.number}, captured {day(old.fetched_at)} → "
        f"version {new.number}, captured {day(new.fetched_at)}"
    )
    if not found:
        yield "No difference in the content."
    for difference in found:
        yield ""
        remark = " (only where the tone mark stands)" if difference.spelling else ""
        yield terminal.strong(difference.field) + remark
        for line in _changed_lines(terminal, difference):
            yield terminal.wrapped(line, 2)


def _changed_lines(terminal: Terminal, difference: FieldDifference) -> Iterator[str]:
    lines: list[tuple[str, bool]] = [("", False)]
    for piece in difference.pieces:
        changed = piece.change is not Change.KEPT
        for i, part in enumerate(piece.text.split("\n")):
            if i:
                if changed:  # a line end that came or went shows as its mark
                    lines[-1] = (lines[-1][0] + _piece(terminal, piece.change, "¶"), True)
                lines.append(("", False))
            if part:
                text, before = lines[-1]
                lines[-1] = (text + _piece(terminal, piece.change, part), before or changed)
    near = {
        j
        for i, (_, changed) in enumerate(lines)
        if changed
        for j in range(i - _UNCHANGED_LINES, i + _UNCHANGED_LINES + 1)
    }
    last = -1
    for i, (text, _) in enumerate(lines):
        if i in near:
            if i > last + 1:
                yield terminal.quiet("…")
            yield text
            last = i
    if last < len(lines) - 1:
        yield terminal.quiet("…")


def _piece(terminal: Terminal, change: Change, text: str) -> str:
    return {
        Change.KEPT: printable,
        Change.REMOVED: terminal.removed,
        Change.ADDED: terminal.added,
    }[change](text)


def _portal(article: StoredArticle) -> str:
    where = f", {article.province}" if article.province else ""
    return f"{article.portal}{where} ({article.site})"


def _date(understood: str | None, printed: str) -> str:
    if not printed:
        return day(understood)
    return f"{day(understood)} (printed: {printed})"


def _list(terminal: Terminal, heading: str, entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield ""
    yield terminal.strong(heading)
    for number, (label, url) in enumerate(entries, 1):
        yield terminal.wrapped(printable(label or url), 4, f"{number:>2}.")
        if label:
            yield terminal.wrapped(terminal.quiet(url), 4)
