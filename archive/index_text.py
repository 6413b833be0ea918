"""What the full-text index holds about one version, and the keys by which words are compared.

The writer fills `version_fts` with `index_text`; the reader searches the same columns and marks
its matches in `searchable_body`. Both sides must use the same functions, or nothing is found.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice, pairwise
from typing import NamedTuple

from archive.schema import Article
from archive.vietnamese import fold, unify_tone_placement

# Joins the parts of a label. A letter to Unicode and to FTS5, that a label is one word to the index;
# it occurs in no language of these portals.
BAR = "ǀ"

_WORD = re.compile(r"[^\W_]+")
_MOST_FOCUS = 12
_MOST_NAMES = 150  # pairs; a page in capitals has one for each two words
_LONGEST_TITLE = 64  # words

# Syllables that hold sentences together, and hardly mean anything else without their marks. However often
# they stand in a text, it is not about them.
_GRAMMAR = (
    "ai bi boi ca cac cho chua co cua cung da den deu duoc gi giua gom hay hoac hon it khi khong la lai "
    "len ma nay nen neu ngay nguoi nhieu nhu nhung o phai ra rat rang se tren theo truoc va vao ve voi"
)
HOLDING = frozenset(_GRAMMAR.split())
_CAPITALS = "".join(
    chr(code) for code in (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if chr(code).isupper()
)  # fmt: skip
_NAME = re.compile(rf"[{_CAPITALS}][^\W\d_]*(?: [{_CAPITALS}][^\W\d_]*)+")


class IndexText(NamedTuple):
    """The words of one version in two forms, as typed and folded."""

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
    """Title and body in both forms. Pure: the same content gives the same text, so that an entry of
    the contentless index can be deleted with it later."""
    body = searchable_body(article)
    return IndexText(typed_key(article.title), typed_key(body), fold(article.title), fold(body))


class IndexEntry(NamedTuple):
    """One row of `version_fts`, in the order of its columns."""

    labels: str
    title_exact: str
    body_exact: str
    title_folded: str
    body_folded: str


def index_entry(article: Article, site: str) -> IndexEntry:
    """The row of `version_fts` for this content of an article of that portal (its slug). Pure."""
    words = index_text(article)
    return IndexEntry(" ".join(labels(article, site, words)), *words)


def label(kind: str, *values: str) -> str:
    """A label as it stands in the index: ``("site", "tho-xuan")`` → ``siteǀthoǀxuan``."""
    return BAR.join((kind, *(part for value in values for part in _WORD.findall(value))))


def labels(article: Article, site: str, words: IndexText) -> list[str]:
    """What can be known of the article without reading it, each a word of the index:

    ``site``, ``year``, ``month`` (or ``undated``), ``files`` where there are attachments, ``author``
    and ``category`` with one folded word each; ``title`` with a word of the title, typed and folded;
    ``focus`` with a word that the text comes back to; ``name`` with two folded words in a row that
    are both written with a capital: people, places, offices.
    """
    found = [label("site", site), *_dates(article.published_at)]
    if article.attachments:
        found.append("files")
    found += (label("author", word) for word in _distinct(fold(article.author)))
    found += (label("category", w) for name in article.category for w in _distinct(fold(name)))
    titled = (_WORD.findall(words.title_exact), _WORD.findall(words.title_folded))
    title_words = {word for form in titled for word in form[:_LONGEST_TITLE]}
    found += (label("title", word) for word in sorted(title_words))
    found += (label("focus", word) for word in _focus(words.body_exact) if word not in title_words)
    found += (label("name", *pair) for pair in _names(article))
    return found


def _dates(published_at: str | None) -> list[str]:
    if published_at is None:
        return ["undated"]
    return [label("year", published_at[:4]), label("month", published_at[:7])]


def _distinct(text: str) -> dict[str, None]:
    return dict.fromkeys(_WORD.findall(text))


def _focus(body_exact: str) -> dict[str, None]:
    """The words that stand three times or more, the most frequent, typed and folded."""
    counts = Counter(_WORD.findall(body_exact))
    often = sorted((-count, word) for word, count in counts.items() if count > 2)
    telling = (
        word
        for _, word in often
        if len(word) > 1 and not word.isdigit() and fold(word) not in HOLDING
    )
    found = list(islice(telling, _MOST_FOCUS))
    return dict.fromkeys((*found, *map(fold, found)))


def _names(article: Article) -> list[tuple[str, str]]:
    pairs: dict[tuple[str, str], None] = {}
    for text in (article.title, searchable_body(article)):
        for name in _NAME.findall(text):
            parts = fold(name).split(" ")
            pairs.update(dict.fromkeys(pairwise(parts)))
    return list(pairs)[:_MOST_NAMES]
