"""When two texts are the same text, and when two readings are the same article. (When two addresses
are the same page: archive.urls.)

Pure functions of what was read. Where they are asked, and what follows: archive.readings.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from archive.differences import common_runs
from archive.letters import by_letter
from archive.schema import Article, Attachment, Image
from archive.signatures import shingles, similarity
from archive.urls import key_of
from archive.vietnamese import fold, unify_tone_placement

# Characters of body below which the same words prove nothing: "Xem tệp đính kèm" stands on
# hundreds of unrelated notices.
SHORTEST_TELLING_BODY = 200

_FURNITURE_WORDS = 12  # a line that a layout adds or leaves out is no longer than that
_FURNITURE_SHARE = 0.05  # of the words of an article, at most
_TORN_WORDS = 24  # that a tag inside has made two of, and back
_MOST_EDITS = 400
_BYLINE_DRESSING = 16  # letters around a name: "Tác giả:", "Bài, ảnh:"
_MOVED_AND_EDITED = 0.5  # likeness of two texts, where the address of one leads on to the other

_SHORTEST_PART = 5  # letters of a name that are no accident within another

_TITLE_WORDS = 6  # fewer stand over many notices
_LABEL_WORDS = 4

_fold_text = by_letter(fold)
_WORD = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"[\d ]*|[\da-f ]{12,}")
_DOCUMENT_NUMBER = re.compile(r"\b\d+ ?/ ?(?:\d{4} ?/ ?)?[a-z]{2,}")  # 718/UBND-NN, 12/2021/QD-UBND
_FILE_LABEL = re.compile(
    r"(?P<stem>.+)\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar)", re.IGNORECASE
)
_RENDITION = re.compile(
    r"_?[wt]|thumb(?:s|nails?)?|small|medium|large|(?!19|20)\d{2,4}(?:x\d{2,4})?", re.IGNORECASE
)
# What cameras and programs call a file by themselves.
_ANY_NAME = re.compile(
    r"(?:image|img|dsc|pic|picture|photo|anh|hinh|untitled|download|file|article)[\d ]*"
)
# Strokes and quotation marks that a word processor or a new platform puts for one another.
_PLAIN = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‘’‚‛′`", "'")
    | {"…": "..."}
)


class Likeness(StrEnum):
    """How a new reading of an article compares with a stored one."""

    SAME = "same"  # nothing but tokens in addresses of files
    FORM = "form"  # the same words, printed otherwise
    OTHER = "other"  # other words, other files


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a page came to be compared with a known article. ``led``: an address of that article leads
    on to the page. ``side_by_side``: both were met together for the first time, under two addresses."""

    led: bool = False
    side_by_side: bool = False


def text_hash(title: str, body: str) -> str | None:
    """SHA-256 (hex) of the words of an article, whatever their case, diacritics and spacing: the
    same text under another address or on another portal. None when the body is too short to tell.
    """
    if len(body) <= SHORTEST_TELLING_BODY:
        return None
    words = " ".join(_fold_text(f"{title}\n{body}").split())
    return hashlib.sha256(words.encode()).hexdigest()


def recognition_key(title: str, published_at: str | None) -> bytes | None:
    """Eight bytes by which an article is looked up under another address: its folded title and its
    day of publication. None without either: then only its words or a redirect can tell."""
    words = " ".join(_WORD.findall(fold(title)))
    if not words or not published_at:
        return None
    return hashlib.blake2b(f"{_day(published_at)} {words}".encode(), digest_size=8).digest()


def is_telling(article: Article) -> bool:
    """Whether equal content can only be the same article: "Thông báo. Xem tệp đính kèm" is printed on
    many, and on several in a day."""
    if not article.title:
        return False
    if len(article.body_text) > SHORTEST_TELLING_BODY:
        return True
    if article.published_at is None:
        return False
    to_the_minute = len(article.published_at) > len("YYYY-MM-DD")
    named = to_the_minute or len(_WORD.findall(article.title)) >= _TITLE_WORDS
    return bool(article.attachments) or (named and bool(article.body_text))


def is_same_article(known: Article, met: Article, meeting: Meeting) -> bool:
    """Whether the page ``met``, under an address that the archive does not know, is the article
    ``known`` of the same portal.

    - Where an address of the one leads on to the other, the same title and day are enough, if half of
      the text is the same; without a day the words must be the same. (Portals lead many old addresses
      to one page: the newest schedule, the home page.)
    - Without that, title, day and words must all be the same, and the words must be enough to tell;
      what else a new platform prints otherwise, see `compare`.
    - Of two pages that are met together for the first time, nothing may differ: an office posts two
      notices of one form on one day.

    Wrong only to one side: where in doubt they stay two, which archive.near_duplicates shows.
    """
    if meeting.led:
        return _is_led_to(known, met)
    if meeting.side_by_side:
        return is_telling(met) and compare(known, met) is Likeness.SAME
    return (
        bool(_letters(known.title))
        and _folded(known.title) == _folded(met.title)
        and known.published_at is not None
        and met.published_at is not None
        and _tells(known, met)
        and compare(known, met, moved=True) is not Likeness.OTHER
    )


def compare(old: Article, new: Article, *, moved: bool = False) -> Likeness:
    """How two readings of one article differ. Category and counters are no content.

    FORM, always: white space, where the tone mark stands (hoà, hòa), the kind of dash and quotation
    mark, another rendition of the same file. ``moved``, under another address or on another platform,
    also: case and punctuation, where sapo, captions and byline stand, a byline or time of day left
    out or added, addresses and renditions of all pictures, and single short lines without numbers
    that a layout adds or leaves out.
    """
    if _is_same(old, new):
        return Likeness.SAME
    alike = _is_same_form(old, new) if not moved else _is_same_in_new_layout(old, new)
    return Likeness.FORM if alike else Likeness.OTHER


def _is_led_to(known: Article, met: Article) -> bool:
    if not _letters(known.title) or _folded(known.title) != _folded(met.title):
        return False
    if known.published_at is None or met.published_at is None:
        return _is_long(known) and _has_same_words(known, met)
    if not _same_day(known, met):
        return False
    if _is_long(known) and _is_long(met):
        return similarity(_shingles(known), _shingles(met)) >= _MOVED_AND_EDITED
    return True


def _tells(known: Article, met: Article) -> bool:
    """Whether the same words under the same title and day can only be the same article. They can where
    there are enough of them; else the document must be named, by its number in the title or by its
    files."""
    if _is_long(known) or _DOCUMENT_NUMBER.search(fold(known.title)):
        return True
    names = [_names_document(file) for file in known.attachments]
    return (
        bool(names)
        and all(names)
        and len(_WORD.findall(known.title)) >= _TITLE_WORDS
        and names == [_names_document(file) for file in met.attachments]
    )


def _names_document(file: Attachment) -> str:
    """The name of a file where it tells more than "Danh sách.pdf": the folded letters of the label if
    that is a file's name, else of the address."""
    label = unicodedata.normalize("NFC", file.label)
    stem = _FILE_LABEL.fullmatch(label)
    name = fold(stem["stem"]) if stem else ""
    if not (_has_digit(name) or len(_WORD.findall(name)) >= _LABEL_WORDS):
        name = _telling_name(file.url)
    return fold(_letters(name))


# -- the same, as near as can be ------------------------------------------------------------------


def _is_same(old: Article, new: Article) -> bool:
    return _printed(old) == _printed(new)


def _printed(article: Article) -> tuple[object, ...]:
    return (
        article.title,
        article.summary,
        article.body_text,
        article.author,
        article.published_at,
        article.updated_at,
        [(key_of(image.url), image.caption) for image in article.images],
        [(key_of(file.url), file.label) for file in article.attachments],
    )


def _is_same_form(old: Article, new: Article) -> bool:
    """On the page where it always was, printed by the same platform."""
    return (
        all(
            _plain(before) == _plain(after)
            for before, after in (
                (old.title, new.title),
                (_running(old), _running(new)),
                (old.author, new.author),
            )
        )
        and (old.published_at, old.updated_at) == (new.published_at, new.updated_at)
        and _are_same_files(old.images, new.images)
        and _are_same_files(old.attachments, new.attachments)
    )


def _are_same_files(old: Sequence[Image | Attachment], new: Sequence[Image | Attachment]) -> bool:
    return len(old) == len(new) and all(
        _plain(_said(one)) == _plain(_said(other)) and _is_same_file(one.url, other.url)
        for one, other in zip(old, new, strict=True)
    )


def _is_same_file(old: str, new: str) -> bool:
    """Another rendition ("thumb/500", "_w"), or the same name, if it is one, in another folder."""
    one, other = key_of(old), key_of(new)
    if one.partition("?")[2] != other.partition("?")[2]:
        return False
    name = _telling_name(old)
    if name and not _ANY_NAME.fullmatch(name) and _file_name(old) == _file_name(new):
        return True
    return _without_rendition(one) == _without_rendition(other)


def _without_rendition(url_key: str) -> list[str]:
    segments = url_key.partition("?")[0].split("/")
    return [segment for segment in segments if not _RENDITION.fullmatch(segment)]


def _said(file: Image | Attachment) -> str:
    return file.caption if isinstance(file, Image) else file.label


def _plain(text: str) -> str:
    """The text without what is no more than typography."""
    return "".join(unify_tone_placement(text.translate(_PLAIN)).split())


# -- the same in another layout -------------------------------------------------------------------


def _is_same_in_new_layout(old: Article, new: Article) -> bool:
    return (
        _letters(old.title) == _letters(new.title)
        and (_same_day(old, new) or new.published_at is None)
        and _are_same_documents(old.attachments, new.attachments)
        and _is_same_byline(old.author, new.author)
        and _are_same_captions(old, new)
        and _has_same_words(old, new)
    )


def _is_same_byline(old: str, new: str) -> bool:
    one, other = _letters(old), _letters(new)
    return not one or not other or _contains(one, other)


def _are_same_captions(old: Article, new: Article) -> bool:
    """A layout may print fewer captions; not others."""
    before, after = (
        {_letters(image.caption) for image in article.images if image.caption}
        for article in (old, new)
    )
    return before <= after or after <= before


def _are_same_documents(old: Sequence[Attachment], new: Sequence[Attachment]) -> bool:
    return len(old) == len(new) and all(map(_is_same_document, old, new))


def _is_same_document(old: Attachment, new: Attachment) -> bool:
    """By their names, which a new platform dresses ("89dcdb_Ke-hoach.pdf"); where one has only a
    number of its platform, by what the links say."""
    one, other = (_telling_name(file.url) for file in (old, new))
    if one and other:
        return _contains(one, other)
    return _contains(_letters(old.label), _letters(new.label))


def _contains(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(shorter) >= _SHORTEST_PART and shorter in longer)


def _has_same_words(old: Article, new: Article) -> bool:
    beside = {
        _letters(text)
        for article in (old, new)
        for text in (
            article.title,
            article.author,
            *(said for image in article.images for said in (image.caption, image.alt)),
            *(file.label for file in article.attachments),
        )
    }
    bylines = [_letters(article.author) for article in (old, new) if article.author]
    before, after = (list(_paragraphs(article, beside, bylines)) for article in (old, new))
    if "".join(map(_letters, before)) == "".join(map(_letters, after)):
        return True
    return _differ_in_furniture(before, after)


def _paragraphs(article: Article, beside: set[str], bylines: Sequence[str]) -> Iterator[str]:
    """The running text without lines that another layout prints elsewhere: ``beside`` the text, or
    as part of a byline; and a sapo that the body repeats only once."""
    summary, body = _letters(article.summary), _letters(article.body_text)
    repeated = bool(summary) and body.startswith(summary)
    for paragraph in _running(article, with_summary=not repeated).split("\n"):
        letters = _letters(paragraph)
        dressed = any(
            _contains(name, letters) and 0 <= len(letters) - len(name) <= _BYLINE_DRESSING
            for name in bylines
        ) and not any(map(_has_digit, letters))
        if letters not in beside and not dressed:
            yield paragraph


def _differ_in_furniture(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether one has short lines that the other has not, and nothing else differs."""
    before, after = ([_words(p) for p in paragraphs] for paragraphs in (old, new))
    left, right = ([w for words in side for w in words] for side in (before, after))
    edges = [_edges(side) for side in (before, after)]
    share = int(2 * _FURNITURE_SHARE * min(len(left), len(right)))
    most = min(share + _TORN_WORDS, _MOST_EDITS)
    counts = Counter(left), Counter(right)
    if (counts[0] - counts[1]).total() + (counts[1] - counts[0]).total() > most:
        return False  # as nearly always, and soon seen
    extra = [0, 0]
    a = b = 0
    for x, y, length in common_runs(left, right, most):
        removed, added = left[a:x], right[b:y]
        if removed and added:
            if _joined(removed) != _joined(added):
                return False
        elif removed or added:
            side = 0 if removed else 1
            begin, end = ((a, x), (b, y))[side]
            line = removed or added
            whole = {begin, end} <= edges[side]
            if not whole or len(line) > _FURNITURE_WORDS or any(map(_has_digit, line)):
                return False
            extra[side] += len(line)
        a, b = x + length, y + length
    # Both more and less is another list, not another layout.
    return not all(extra) and sum(extra) <= _FURNITURE_SHARE * min(len(left), len(right))


def _edges(paragraphs: Sequence[Sequence[str]]) -> set[int]:
    """Where paragraphs begin and end, counted in words."""
    places = {0}
    total = 0
    for words in paragraphs:
        total += len(words)
        places.add(total)
    return places


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(unify_tone_placement(plain))


def _letters(text: str) -> str:
    """The letters and digits of a text, whatever stands between them: a tag inside a word leaves a
    space. Two numbers stay apart."""
    return _joined(_words(text))


def _joined(words: Sequence[str]) -> str:
    joined = " ".join(words)
    return re.sub(r"(?<!\d) | (?!\d)", "", joined)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _folded(title: str) -> str:
    return fold(_letters(title))


def _is_long(article: Article) -> bool:
    return len(_running(article)) > SHORTEST_TELLING_BODY


def _running(article: Article, *, with_summary: bool = True) -> str:
    parts = (article.summary if with_summary else "", article.body_text)
    return "\n".join(filter(None, parts))


def _shingles(article: Article) -> frozenset[str]:
    return shingles(_running(article))


def _same_day(one: Article, other: Article) -> bool:
    return (
        one.published_at is not None
        and other.published_at is not None
        and _day(one.published_at) == _day(other.published_at)
    )


def _day(published_at: str) -> str:
    return published_at[: len("YYYY-MM-DD")]


def _telling_name(url: str) -> str:
    """The folded letters of a file's name; empty for one that says nothing: "637252394.pdf" is a
    number in somebody's table, a UUID likewise."""
    stem = _file_name(url).rpartition(".")[0] or _file_name(url)
    letters = fold(_letters(stem))
    return "" if _NUMBERED.fullmatch(letters) else letters


def _file_name(url: str) -> str:
    """The last part of a path, in lower case: the same for every rendition and host."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return url
    return unquote(path.rstrip("/").rpartition("/")[2]).lower()
