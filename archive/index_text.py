"""What the full-text index holds about one version, and the keys by which words are compared.

The writer fills `version_fts` with `index_text`; the reader searches the same columns and marks
its matches in `searchable_body`. Both sides must use the same functions, or nothing is found.
"""

from __future__ import annotations

from typing import NamedTuple

from archive.schema import Article
from archive.vietnamese import fold, unify_tone_placement


class IndexText(NamedTuple):
    """One row of `version_fts`, in the order of its columns."""

    title_exact: str
    body_exact: str
    title_folded: str
    body_folded: str


def typed_key(text: str) -> str:
    """Lower case with all diacritics and one tone placement: ``"Hoằng Hoá"`` → ``"hoằng hóa"``.

    NFC in; the length never changes (İ is the one letter whose lower case is longer).
    """
    return unify_tone_placement(text).replace("İ", "I").lower()


def searchable_body(article: Article) -> str:
    """Everything in the article that can be found besides its title, as printed.

    Sapo, body, byline, captions and attachment labels, each a paragraph of its own. Many notices
    consist of an attachment only; its label is then all there is to find.
    """
    parts = (
        article.summary,
        article.body_text,
        article.author,
        *(image.caption for image in article.images),
        *(attachment.label for attachment in article.attachments),
    )
    return "\n".join(part for part in parts if part)


def index_text(article: Article) -> IndexText:
    """The four columns of `version_fts` for this content. Pure: the same content gives the same
    text, so that an entry of the contentless index can be deleted with it later."""
    body = searchable_body(article)
    return IndexText(typed_key(article.title), typed_key(body), fold(article.title), fold(body))
