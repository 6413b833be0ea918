"""An archived page made fit to be looked at: what it shows comes from the archive, what it runs is
gone. Pure functions of bytes and addresses.

The sandbox of the answer (archive.reader.replay) is what protects the reader; taking the scripts out
here as well keeps the page quiet and is a second lock on the same door.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from archive.page_charset import charset_of

# A page, a picture, a style sheet: what the address is asked for.
PAGE, PICTURE, STYLE = "", "im_", "cs_"

Rewrite = Callable[[str, str], str]
"""From an absolute address and what it is asked for to the address in the reader."""

_CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)""", re.IGNORECASE)
_CSS_IMPORT = re.compile(r"""@import\s+(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_GONE = ("script", "base", "object", "embed", "applet", "iframe", "frame", "portal", "template")
_PICTURES = {
    ("img", "src"), ("input", "src"), ("image", "href"), ("video", "poster"), ("body", "background"),
    ("table", "background"), ("tr", "background"), ("td", "background"), ("th", "background"),
}  # fmt: skip
_NO_ADDRESS = ("#", "data:", "mailto:", "tel:")


def text_of(content_type: str, body: bytes) -> str:
    """The page or style sheet as text; bytes that do not belong to its encoding become ``�``."""
    return body.decode(charset_of(content_type, body), "replace").removeprefix("\ufeff")


def rewritten_page(text: str, url: str, rewrite: Rewrite) -> bytes:
    """The page as UTF-8, without script, frames and plug-ins, its pictures, styles and links through
    ``rewrite``. ``url`` is where it was."""
    text = text.replace("\x00", "\ufffd")
    if not text.strip():
        return b""
    parser = html.HTMLParser(encoding="utf-8", remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but comments
        return b""
    base = _base(root, url)
    for element in list(root.iter(*_GONE)):
        _drop(element)
    for element in list(root.iter("meta")):
        if element.get("http-equiv") is not None or element.get("charset") is not None:
            _drop(element)
    for element in root.iter(etree.Element):
        _rewrite_element(element, base, rewrite)
    out: bytes = etree.tostring(root.getroottree(), encoding="utf-8", method="html")
    return out


def rewritten_style(text: str, url: str, rewrite: Rewrite) -> str:
    """The style sheet with all that it loads through ``rewrite``."""

    def address(found: re.Match[str]) -> str:
        target = _absolute(next((g for g in found.groups() if g is not None), ""), url)
        return f'url("{rewrite(target, PICTURE)}")' if target else found[0]

    def imported(found: re.Match[str]) -> str:
        target = _absolute(next((g for g in found.groups() if g is not None), ""), url)
        return f'@import "{rewrite(target, STYLE)}"' if target else found[0]

    return _CSS_URL.sub(address, _CSS_IMPORT.sub(imported, text))


def _rewrite_element(element: html.HtmlElement, base: str, rewrite: Rewrite) -> None:
    tag = str(element.tag).lower()
    for name, value in list(element.attrib.items()):
        name_, value_ = str(name).lower(), str(value)
        if name_.startswith("on") or name_ in (
            "srcset",
            "ping",
            "integrity",
            "crossorigin",
            "nonce",
        ):
            del element.attrib[name]
        elif name_ == "style":
            element.set(name, rewritten_style(value_, base, rewrite))
        elif (tag, name_) in _PICTURES:
            _set(element, name, value_, base, PICTURE, rewrite)
        elif tag == "link" and name_ == "href":
            kind = STYLE if "stylesheet" in (element.get("rel") or "").lower() else PICTURE
            _set(element, name, value_, base, kind, rewrite)
        elif tag in ("a", "area") and name_ == "href":
            _set(element, name, value_, base, PAGE, rewrite)
            element.set("target", "_top")
        elif name_.rpartition(":")[2] in ("href", "src", "action", "formaction", "data"):
            del element.attrib[name]
    if tag == "style" and element.text:
        # "</style" cannot come out of it: the parser has ended the element there.
        element.text = rewritten_style(element.text, base, rewrite)


def _set(
    element: html.HtmlElement, name: str, value: str, base: str, kind: str, rewrite: Rewrite
) -> None:
    if value.strip().lower().startswith(_NO_ADDRESS):
        return
    target = _absolute(value, base)
    if target:
        element.set(name, rewrite(target, kind))
    else:
        del element.attrib[name]


def _drop(element: html.HtmlElement) -> None:
    if element.getparent() is not None:  # the root itself may be a frameset, never one of these
        element.drop_tree()


def _base(root: html.HtmlElement, url: str) -> str:
    for element in root.iter("base"):
        if element.get("href"):
            return _absolute(element.get("href") or "", url) or url
    return url


def _absolute(address: str, base: str) -> str:
    """The absolute http(s) address; empty where there is none (``javascript:``, ``http://[``)."""
    if address.strip().lower().startswith("data:"):
        return ""
    try:
        target = urljoin(base, re.sub(r"[\t\r\n]", "", address.strip()))
        parts = urlsplit(target)
        return target if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""
