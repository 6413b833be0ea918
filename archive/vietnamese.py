"""Vietnamese text: one stored form, and the keys by which people find it.

Stored text is what the portal published, in NFC with tidy white space (`normalise`). Keys are
derived from it, never stored in its place: `fold` for a keyboard without Vietnamese,
`unify_tone_placement` for the two ways of writing the same syllable (hòa, hoà). Both keys keep
the length of the text, so a position found in a key is a position in the text.
"""

from __future__ import annotations

import re
import unicodedata

from archive.letters import by_letter

_INVISIBLE = (
    # C0 and C1 controls, except those that are white space.
    *(c for c in range(0x20) if c not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D)),
    *(c for c in range(0x7F, 0xA0) if c != 0x85),
    0x00AD,  # soft hyphen
    0x034F,  # combining grapheme joiner: keeps NFC from composing, prints nothing
    0x061C,
    0x180E,
    *range(0x200B, 0x2010),  # zero-width space, joiners, direction marks
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xD800, 0xE000),  # lone surrogates: neither UTF-8 nor SQLite can hold them
    0xFFFE,
    0xFFFF,
)
_BLANK = (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0)  # print nothing, are not white space to Unicode

# Ð (Eth) and Ɖ (African D) print exactly like Đ. They are mapped always, without looking at the
# neighbours: the reader of the page cannot see the change, no word of Icelandic or Faroese begins
# with a capital Eth, and Ewe does not occur on these portals. Lower-case ð and ɖ look different
# and stay as published.
_TIDY: dict[int, str | None] = {
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys(_BLANK, " "),
    0x00D0: "Đ",
    0x0189: "Đ",
}


_UNTIDY = re.compile(f"[{re.escape(''.join(map(chr, _TIDY)))}]")


def _tidy(text: str) -> str:
    # Invisible characters go first: one between a letter and its mark would hinder NFC.
    # Most text has none, and looking is eight times as fast as translating.
    if _UNTIDY.search(text):
        text = text.translate(_TIDY)
    return unicodedata.normalize("NFC", text)


def normalise(text: str) -> str:
    """The text as one line in the form that is stored: NFC, white space collapsed, stripped.

    Controls, zero-width characters, soft hyphens, byte order marks and lone surrogates are
    dropped; line ends and every exotic space become one ``" "``; Ð and Ɖ become Đ. HTML entities
    must be resolved before. Tone placement stays as published. Idempotent.
    """
    return " ".join(_tidy(text).split())


def normalise_paragraphs(text: str) -> str:
    """`normalise` for each line of the text; empty lines dropped, the others joined by ``\\n``."""
    lines = (" ".join(line.split()) for line in _tidy(text).splitlines())
    return "\n".join(line for line in lines if line)


def _unmarked() -> dict[str, str]:
    """Latin letters with a mark or stroke → their base letter in lower case."""
    table = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[chr(code)] = base.lower()
    # No decomposition exists for letters with a stroke. Ƀ is written in Ê Đê and Ba Na names.
    return table | dict.fromkeys("ĐđÐðƉɖ", "d") | dict.fromkeys("Ƀƀ", "b")


_UNMARKED = _unmarked()
# One string, indexed by code point: str.translate reads it twice as fast as a dict. What lies
# beyond its end is left to str.lower(), which keeps the length of every character but İ.
_FOLD = "".join(_UNMARKED.get(chr(code), chr(code).lower()) for code in range(0x1F00))


def fold(text: str) -> str:
    """Lower case without diacritics, đ → d: ``"Nghị quyết Đảng"`` → ``"nghi quyet dang"``.

    The length never changes, so an offset in the folded text is an offset in the text. The text
    must be NFC (see `normalise`): a mark that stands apart from its letter stays a character.
    """
    return _folded(text)


_folded = by_letter(lambda text: text.translate(_FOLD).lower())

# Beyond its end (Chinese, Japanese, Korean) the text stays as it is.
_SYLLABLES = "".join(fold(chr(code)) if chr(code).isalnum() else " " for code in range(0x3000))


def syllables(text: str) -> str:
    """`fold`, with a space for every character that is neither letter nor digit:
    ``"Đảng (35-NQ/TW)"`` → ``"dang  35 nq tw "``. The length never changes."""
    return _spaced(text)


_spaced = by_letter(lambda text: text.translate(_SYLLABLES))

_MARKED = re.compile(f"[{''.join(_UNMARKED)}\u0300-\u036f]")


def has_diacritics(text: str) -> bool:
    """Whether a person typed this with Vietnamese (or other Latin) diacritics, NFC or NFD."""
    return _MARKED.search(text) is not None


def _tone_pairs() -> dict[str, str]:
    tones = "\u0300\u0301\u0309\u0303\u0323"
    pairs = {}
    for first, second in ("oa", "oe", "uy"):
        for a in (first, first.upper()):
            for b in (second, second.upper()):
                for tone in tones:
                    new_style = unicodedata.normalize("NFC", a + b + tone)
                    pairs[new_style] = unicodedata.normalize("NFC", a + tone + b)
    return pairs


_OLD_STYLE = _tone_pairs()
_NEW_STYLE_SYLLABLE_END = re.compile(
    r"(?<![qQ])[oOuU][" + "".join(sorted({p[1] for p in _OLD_STYLE})) + r"](?![^\W\d_])"
)


def unify_tone_placement(text: str) -> str:
    """One spelling for the two tone placements: hoà → hòa, khoẻ → khỏe, uỷ → ủy.

    Only oa, oe and uy at the end of a syllable are written in two ways; quý, hoàn and toán are
    not. Case, letters and length are kept. A key for comparing what was typed with diacritics;
    the stored text keeps the spelling of the portal. NFC in, NFC out.
    """
    return _NEW_STYLE_SYLLABLE_END.sub(lambda m: _OLD_STYLE.get(m[0], m[0]), text)


_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_TONELESS_SYLLABLE = re.compile(
    r"(?:ngh?|nh|n|gh|gi|g|kh|k|ch|c|th|tr|t|ph|p|qu|q|đ|d|b|h|l|m|r|s|v|x)?"
    r"(?:uyê|uya|uyu|uây|uôi|ươi|ươu|oai|oao|oay|oeo|iêu|yêu|uai|uao|uay"
    r"|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ơi|ua|uâ|uê|ui|uô|uơ|uy|ue|uă|ưa|ưi|ươ"
    r"|ưu|yê|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)"
    r"(?P<coda>ch|c|m|ng|nh|n|p|t)?"
)


def is_syllable(word: str) -> bool:
    """Whether the word has the form of one Vietnamese syllable, in any case, old or new style.

    Judges form, not meaning: onset, vowels, coda, at most one tone, and the sharp or the heavy
    tone before c, ch, p and t. Written Vietnamese separates syllables by spaces.
    """
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = _TONE.findall(decomposed)
    found = _TONELESS_SYLLABLE.fullmatch(unicodedata.normalize("NFC", _TONE.sub("", decomposed)))
    if found is None or len(tones) > 1:
        return False
    return found["coda"] not in ("c", "ch", "p", "t") or tones in (["\u0301"], ["\u0323"])
