"""One request to the reader: its language, its addresses, the archive behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from archive.reader.callers import Caller

LANGUAGES = ("vi", "en")  # the first unless the address says otherwise

Parameters = Iterable[tuple[str, str | int]]


class NotFound(Exception):
    """Raised where there is nothing to show: a 404 page. ``phrase`` says why, in archive.reader.phrases."""

    def __init__(self, phrase: str = "nothing_here") -> None:
        super().__init__(phrase)
        self.phrase = phrase


class BadRequest(Exception):
    """Raised for an address that nothing in the reader leads to: a 400 page. ``parameter`` is the one
    that is wrong, where it is known."""

    def __init__(self, parameter: str = "") -> None:
        super().__init__(parameter)
        self.parameter = parameter


class SignIn(Exception):
    """Raised where a name and a password are needed: a 401 page."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with the connection that answers it, and who sent it. ``has_staff``: there are people
    with passwords; ``player``: the port of a pywb beside the reader, empty without."""

    request: Request
    connection: sqlite3.Connection
    root: Path
    caller: Caller
    language: str
    has_staff: bool = False
    player: str = ""

    @property
    def base(self) -> str:
        """The reader's own address without a slash at its end, for links that leave the page (feeds,
        citations, Memento)."""
        return self.caller.base

    def text(self, name: str) -> str:
        """The last value of a query parameter, without controls and surrounding space."""
        return clean(self.request.query_params.get(name, ""))

    def texts(self, name: str) -> tuple[str, ...]:
        """All its values that are not empty, each once."""
        values = map(clean, self.request.query_params.getlist(name))
        return tuple(dict.fromkeys(filter(None, values)))

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number, brought into its bounds; the default where there is none."""
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            return default
        return max(least, min(int(text), most))

    def link(self, path: str, parameters: Parameters = ()) -> str:
        """An address in the reader that keeps the language."""
        return address(path, parameters, self.language)


def clean(text: str) -> str:
    """Without surrogates, which no answer could encode, and without control characters."""
    return "".join(c for c in text if c.isprintable() or c == "\u00ad").strip()


def address(path: str, parameters: Parameters, language: str) -> str:
    pairs = [(name, str(value)) for name, value in parameters if value != ""]
    if language != LANGUAGES[0]:
        pairs.append(("lang", language))
    return path + ("?" + urlencode(pairs) if pairs else "")


def language_of(request: Request) -> str:
    """The language that the address asks for."""
    if request.url.path.startswith("/web/"):  # there the query is that of the archived address
        return "en" if "en_/" in request.url.path[:24] else LANGUAGES[0]
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def in_other_language(request: Request, language: str) -> str:
    """The same page in that language."""
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    query = request.scope["query_string"].decode("latin-1")
    if path.startswith("/web/"):
        head, slash, rest = path[len("/web/") :].partition("/")
        head = head.removesuffix("en_") + ("en_" if language == "en" else "")
        return f"/web/{head}{slash}{rest}" + (f"?{query}" if query else "")
    pairs = [(n, v) for n, v in parse_qsl(query, keep_blank_values=True) if n != "lang"]
    return address(path, pairs, language)
