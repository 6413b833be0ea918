"""What changed between two versions as an HTML page that stands alone, as archive.article_page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from archive.article_page import alone
from archive.articles import StoredArticle, Version
from archive.differences import Change, FieldDifference, Piece
from archive.terminal import day

_STYLE = (
    "pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}"
    "del{background:#fdd}ins{background:#dfd}"
)
_TAGS = {Change.REMOVED: "del", Change.ADDED: "ins"}


def differences_page(
    article: StoredArticle, old: Version, new: Version, found: Sequence[FieldDifference]
) -> str:
    """The fields that differ, what was removed struck through, what was added underlined."""
    content = new.content
    return alone(content.title, content.language, _STYLE, _body(article, old, new, found))


def _body(
    article: StoredArticle, old: Version, new: Version, found: Sequence[FieldDifference]
) -> Iterator[str]:
    yield f"<h1>{escape(new.content.title)}</h1>"
    versions = " → ".join(f"version {v.number}, captured {day(v.fetched_at)}" for v in (old, new))
    about = f"article {article.id}, {article.portal}: {versions}"
    yield f'<p class="about" lang="en">{escape(about)}</p>'
    if not found:
        yield '<p lang="en">No difference in the content.</p>'
    for difference in found:
        remark = " (only where the tone mark stands)" if difference.spelling else ""
        yield f'<h2 lang="en">{escape(difference.field)}{remark}</h2>'
        yield f"<pre>{''.join(map(_piece, difference.pieces))}</pre>"


def _piece(piece: Piece) -> str:
    tag = _TAGS.get(piece.change)
    text = escape(piece.text)
    if tag is None:
        return text
    # A line end that came or went shows as its mark.
    return f"<{tag}>{text.replace(chr(10), '¶' + chr(10))}</{tag}>"
