"""Vietnamese from before Unicode: letters that only a font made Vietnamese.

Until about 2005 offices wrote in TCVN3 (TCVN 5712:1993 VN3, fonts ".VnTime", ".VnTimeH") or in
VNI ("VNI-Times"). Saved as a web page such text is Latin-1: "Céng hßa x· héi", "Coäng hoøa".
This module must see the text before `archive.vietnamese.normalise`, which drops the soft hyphen
and changes Ð: in TCVN3 these are ư and é.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from archive.vietnamese import is_syllable


class Script(StrEnum):
    """How a text was written. DOUBTFUL: perhaps TCVN3 or VNI, left as it was."""

    UNICODE = ""
    TCVN3 = "tcvn3"
    VNI = "vni"
    DOUBTFUL = "doubtful"


# TCVN 5712:1993, table VN3, 0xA1–0xFE. A dot is a code that VN3 leaves empty; capitals with a
# tone do not exist in it (the fonts ending in H draw small letters as capitals).
_VN3 = {
    0xA1 + at: letter
    for at, letter in enumerate(
        "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ"
    )
    if letter != "."
}

_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = dict(zip("âáàåãä", ("", *"\u0301\u0300\u0309\u0303\u0323"), strict=True))
_BREVE = dict(zip("êéèúüë", ("", *"\u0301\u0300\u0309\u0303\u0323"), strict=True))


def _vni_table() -> dict[str, str]:
    """Letter or letter and mark, lower case, as in the VNI code chart."""
    table = {
        "ñ": "đ",
        "ô": "ơ",
        "ö": "ư",
        "í": "í",
        "ì": "ì",
        "æ": "ỉ",
        "ó": "ĩ",
        "ò": "ị",
        "î": "ỵ",
    }
    for vni, letter in {**{v: v for v in "aeouy"}, "ô": "ơ", "ö": "ư"}.items():
        table |= {vni + mark: letter + tone for mark, tone in _TONES.items()}
    for letter in "aeo":
        table |= {letter + mark: f"{letter}\u0302{tone}" for mark, tone in _CIRCUMFLEX.items()}
    table |= {"a" + mark: f"a\u0306{tone}" for mark, tone in _BREVE.items()}
    return {vni: unicodedata.normalize("NFC", letter) for vni, letter in table.items()}


_VNI = _vni_table()
_VNI_LETTER = re.compile(
    "|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)), re.IGNORECASE
)


def from_tcvn3(text: str) -> str:
    """Latin-1 that carries TCVN3 codes, as Vietnamese. Other characters stay."""
    return text.translate(_VN3)


def from_vni(text: str) -> str:
    """Latin-1 that carries VNI codes, as Vietnamese. Case follows the letter, not its mark."""

    def letter(found: re.Match[str]) -> str:
        vietnamese = _VNI[found[0].lower()]
        return vietnamese.upper() if found[0][0].isupper() else vietnamese

    return _VNI_LETTER.sub(letter, text)


_UNICODE_ONLY = re.compile("[ĂăĐđĨĩŨũƠơƯư\u0300-\u0323\u1ea0-\u1ef9]")
_HIGH = re.compile("[\u00a1-\u00ff]")
_WORD = re.compile("[A-Za-z\u00a1-\u00ff]{1,12}")
_TCVN3_FONT = re.compile(r"(?:^|[\s,;'\"])\.vn[a-z]", re.IGNORECASE)
_TCVN3_CAPITALS = re.compile(r"\.vn[\w ]{1,30}h(?:['\",;]|$)", re.IGNORECASE)
_VNI_FONT = re.compile(r"(?:^|[\s,;'\"])vni[-_ ]", re.IGNORECASE)


def convert(text: str, font_name: str = "") -> tuple[str, Script]:
    """The text in Unicode and how it was written; ``font_name`` is the CSS font-family, if known.

    Conservative: text with a single letter that only Unicode has is left alone, whatever its
    font; without a telling font the text must consist of Vietnamese syllables after conversion
    and not before. Text that might be either comes back unchanged as DOUBTFUL.
    """
    if _UNICODE_ONLY.search(text):
        return text, Script.UNICODE
    named = (
        Script.TCVN3 if _TCVN3_FONT.search(font_name)
        else Script.VNI if _VNI_FONT.search(font_name)
        else Script.UNICODE
    )  # fmt: skip
    capitals = named is Script.TCVN3 and _TCVN3_CAPITALS.search(font_name) is not None
    if not _HIGH.search(text):
        # Plain letters in a font of capitals are printed as capitals.
        return (
            (text.upper(), named) if capitals and text != text.upper() else (text, Script.UNICODE)
        )
    best, readable, script = _best_reading(text, named)
    if script is Script.UNICODE:
        return text, script
    return (best.upper() if capitals else best) if readable else text, (
        script if readable else Script.DOUBTFUL
    )


def _best_reading(text: str, named: Script) -> tuple[str, bool, Script]:
    as_it_stands, words = _vietnamese_share(text, text)
    readings = [
        (from_tcvn3(text), Script.TCVN3),
        (from_vni(text), Script.VNI),
    ]
    if named:
        readings = [reading for reading in readings if reading[1] is named]
    share, best, script = max(
        ((_vietnamese_share(text, reading)[0], reading, script) for reading, script in readings),
        key=lambda scored: scored[0],
    )
    if share <= as_it_stands or not words:
        # A telling font and no gain: the font is a leftover of the office's template.
        return text, False, Script.UNICODE
    if named:
        return best, share >= 0.6, script
    if share < 0.6:
        return text, False, Script.UNICODE
    return best, words >= 4 and share >= 0.9 and as_it_stands <= 0.6, script


def _vietnamese_share(original: str, reading: str) -> tuple[float, int]:
    """Of the words that the reading is about (those with a high character in the original), the
    share that is a Vietnamese syllable in the reading; and their number."""
    marked = good = 0
    for original_word, word in zip(_chunks(original), _chunks(reading), strict=True):
        if _HIGH.search(original_word):
            marked += 1
            good += is_syllable(word)
    return (good / marked if marked else 0.0), marked


def _chunks(text: str) -> list[str]:
    return re.split(r"[\s\d!-/:-@\[-`{-~“”‘’…–—]+", text)
