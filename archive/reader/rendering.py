"""Pages from templates: every word of a portal escaped, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from archive.reader.callers import CALLER, Caller
from archive.reader.phrases import has_phrase, phrase
from archive.reader.visit import LANGUAGES, address, in_other_language, language_of
from archive.remarks import in_language
from archive.terminal import printable

# No script at all, nothing from elsewhere; pictures are the archive's own.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

_UNITS = ("B", "kB", "MB", "GB", "TB")


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The template with the values, in the language of the request."""
    language = language_of(request)
    caller: Caller | None = request.scope.get(CALLER)
    html = _templates.get_template(template).render(
        {
            **(values or {}),
            "language": language,
            "other": next(other for other in LANGUAGES if other != language),
            "other_address": in_other_language(
                request, next(other for other in LANGUAGES if other != language)
            ),
            "staff": caller.staff if caller else "",
            "request_path": request.url.path,
            "has_phrase": has_phrase,
            "t": partial(phrase, language),
            "to": lambda path, **parameters: address(path, _pairs(parameters), language),
            "number": lambda value: grouped(value, language),
            "decimal": lambda value, digits=1: decimal(value, language, digits),
            "size": lambda number: size(number, language),
            "moment": lambda text: moment(text, language),
            "pieces_of": partial(in_language, language),
        }
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": PAGE_POLICY, **(headers or {})})


def message(
    request: Request, status: int, phrase_name: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A page that says in one or two sentences what is the matter, and where to go on."""
    return page(
        request,
        "message.html",
        {"heading": f"status_{status}", "message": phrase_name},
        status=status,
        headers=headers,
    )


def failure(
    request: Request,
    status: int,
    phrase_name: str,
    headers: Mapping[str, str] | None = None,
    *,
    parameter: str = "",
) -> Response:
    """`message`, or the same as JSON where a program asks, with the parameter that is wrong."""
    if request.url.path.startswith("/api/"):
        error = {"error": phrase_name.replace("_", " ")}
        return JSONResponse(
            error | ({"parameter": parameter} if parameter else {}), status, headers
        )
    return message(request, status, phrase_name, headers)


def grouped(value: int, language: str) -> str:
    """10,000 in English, 10.000 in Vietnamese."""
    text = f"{value:,}"
    return text if language == "en" else text.replace(",", ".")


def decimal(value: float, language: str, digits: int = 1) -> str:
    """With so many digits after the point: 1.5 in English, 1,5 in Vietnamese."""
    text = f"{value:.{digits}f}"
    return text if language == "en" else text.replace(".", ",")


def size(number: int, language: str) -> str:
    """Bytes for people, in units of 1,000: ``820 B``, ``1.2 MB``; 1,2 MB in Vietnamese."""
    value, unit = float(number), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    short = f"{value:.0f}" if value >= 99.95 or not unit else decimal(value, language)
    return f"{short} {_UNITS[unit]}"


def moment(text: str | None, language: str) -> str:
    """A stored time for people. Vietnamese: ``14/01/2021 08:35``; English: ``2021-01-14 08:35``; UTC
    is said so."""
    if not text:
        return phrase(language, "undated")
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    form = "%Y-%m-%d" if language == "en" else "%d/%m/%Y"
    if len(text) > len("YYYY-MM-DD"):
        form += " %H:%M"
    return when.strftime(form) + (" UTC" if text.endswith("Z") else "")


_KINDS_OF_FILES = {
    "application/pdf": "PDF",
    "application/msword": "DOC",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.ms-powerpoint": "PPT",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/rtf": "RTF",
    "application/zip": "ZIP",
    "application/x-rar-compressed": "RAR",
    "application/vnd.rar": "RAR",
}


def kind_of_file(media_type: str) -> str:
    """A media type as people call it; as it is where they do not."""
    return _KINDS_OF_FILES.get(media_type.lower(), media_type)


def file_name(url: str) -> str:
    """What a file is called by its address; the address itself where it names none. The link to it may
    say no more than "Tại đây" (here), as on krongno.daknong.gov.vn."""
    return (is_web_address(url) and PurePosixPath(unquote(urlsplit(url).path)).name) or url


def is_web_address(url: str) -> bool:
    """Whether a link may lead there; a portal prints ``javascript:`` and worse."""
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


def _pairs(parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    # "from" is a keyword of Python, so templates write from_.
    return [(n.rstrip("_"), v) for n, v in parameters.items() if v is not None]


def _finalize(value: Any) -> Any:
    return printable(value) if type(value) is str else value


_templates = Environment(
    loader=PackageLoader("archive.reader"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_finalize,
)
_templates.tests["web_address"] = is_web_address
_templates.filters["kind_of_file"] = kind_of_file
_templates.filters["file_name"] = file_name
