"""What the search index holds about one version, and the keys by which words are compared.

The writer fills `version_fts` and `version_pair` with `index_entry` and the sets of archive.word_sets
with `keys`; the reader searches them and marks its matches in `searchable_body`. Both sides must use the same
functions, or nothing is found.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice, pairwise

from archive.letters import by_letter
from archive.schema import Article
from archive.vietnamese import fold, syllables, unify_tone_placement

# Joins two words. A letter to Unicode and to FTS5, that the pair is one word to the index; it occurs in
# no language of these portals.
BAR = "ǀ"

_WORD = re.compile(r"[^\W_]+")
_FAR = re.compile("[\u3000-\U0010ffff]")
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


class IndexEntry:
    """What the search index is made of: title and body (`searchable_body`) of a version as words, as
    typed and folded. Pure: the same content gives the same entry, so that it can be deleted later."""

    def __init__(self, title: str, body: str) -> None:
        self.body = fold(body)
        self.title = fold(title)
        self.body_words = folded_words(body)
        self.title_words = folded_words(title)
        self.typed_body_words = typed_words(body)
        self.typed_title_words = typed_words(title)

    @property
    def folded(self) -> tuple[str, str]:
        """The row of `version_fts`. The body comes first, since an occurrence in the first column takes
        two bytes less than one in any other."""
        return self.body, self.title

    def pairs(self) -> set[str]:
        """Each two folded words that follow each other: the row of `version_pair`, joined by spaces."""
        found = set(pairwise(self.body_words))
        found.update(pairwise(self.title_words))
        return set(map(BAR.join, found))


def folded_words(text: str) -> list[str]:
    """The words of a text, folded: ``"Đảng (35-NQ/TW)"`` → ``["dang", "35", "nq", "tw"]``."""
    spaced = syllables(text)
    # To split at spaces takes a fifth of the time; characters that no folding reaches are rare.
    return spaced.split() if spaced.isascii() else _WORD.findall(fold(text))


def typed_words(text: str) -> list[str]:
    """The words of a text as typed: those of `typed_key`."""
    if _FAR.search(text):
        return _WORD.findall(typed_key(text))
    return list(map(_typed_form, _lower_spaced(text).split()))


def typed_key(text: str) -> str:
    """Lower case with all diacritics and one tone placement: ``"Hoằng Hoá"`` → ``"hoằng hóa"``.

    NFC in; the length never changes (İ is the one letter whose lower case is longer).
    """
    return unify_tone_placement(text).replace("İ", "I").lower()


# Of the characters up to U+3000; beyond (Chinese, Japanese, Korean) they stay.
_LOWER = "".join(typed_key(chr(code)) if chr(code).isalnum() else " " for code in range(0x3000))
_lower_spaced = by_letter(lambda text: text.translate(_LOWER))
_typed_form = lru_cache(maxsize=65_536)(unify_tone_placement)


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


def index_entry(article: Article) -> IndexEntry:
    """The entry for the content of a version."""
    return IndexEntry(article.title, searchable_body(article))


def key(kind: str, *values: str) -> str:
    """What is known of an article beside its words, as `keys` has it: ``("site", "tho-xuan")`` →
    ``:site tho-xuan``. No word has a colon."""
    return f":{' '.join((kind, *values))}"


@lru_cache(maxsize=65_536)
def typed_word(word: str) -> str:
    """The key of a word (`typed_key`) as typed: what has diacritics is its own key, a word that has
    none is told from those that are folded to it."""
    return key("typed", word) if word.isascii() and word.isalpha() else word


def keys(article: Article, site: str, entry: IndexEntry) -> set[str]:
    """By what an article of that portal (its slug) is found without looking at its text:

    each of its words, folded, and as typed (`typed_word`); ``site``, ``year``, ``month`` (or
    ``undated``), ``files`` where there are attachments, ``author`` and ``category`` with one folded
    word each; ``title`` with a word of the title, typed and folded; ``focus`` with a word that the
    text comes back to; ``name`` with two folded words in a row that are both written with a capital:
    people, places, offices.
    """
    found = {*entry.body_words, *entry.title_words}
    typed = {*entry.typed_body_words, *entry.typed_title_words}
    found.update(map(typed_word, typed))
    found.add(key("site", site))
    found.update(_dates(article.published_at))
    if article.attachments:
        found.add(key("files"))
    found.update(key("author", word) for word in _WORD.findall(fold(article.author)))
    found.update(key("category", w) for name in article.category for w in _WORD.findall(fold(name)))
    title_words = {
        *entry.typed_title_words[:_LONGEST_TITLE],
        *entry.title_words[:_LONGEST_TITLE],
    }
    found.update(key("title", word) for word in title_words)
    found.update(
        key("focus", word) for word in _focus(entry.typed_body_words) if word not in title_words
    )
    found.update(key("name", *pair) for pair in _names(article))
    return found


def _dates(published_at: str | None) -> tuple[str, ...]:
    if published_at is None:
        return (key("undated"),)
    return (key("year", published_at[:4]), key("month", published_at[:7]))


def _focus(typed_words: list[str]) -> set[str]:
    """The words that stand three times or more, the most frequent, typed and folded."""
    often = sorted((-n, word) for word, n in Counter(typed_words).items() if n > 2)
    telling = (
        word
        for _, word in often
        if len(word) > 1 and not word.isdigit() and fold(word) not in HOLDING
    )
    found = list(islice(telling, _MOST_FOCUS))
    return {*found, *map(fold, found)}


def _names(article: Article) -> list[tuple[str, str]]:
    pairs: dict[tuple[str, str], None] = {}
    for text in (article.title, searchable_body(article)):
        for name in _NAME.findall(text):
            parts = fold(name).split(" ")
            pairs.update(dict.fromkeys(pairwise(parts)))
    return list(pairs)[:_MOST_NAMES]
