"""Damage in markup that would cost text, mended before it is read.

The parser repairs what browsers repair, with exceptions that were met or measured: it stops at the
first ``</html>``, which on portals put together from parts may stand in a widget amid the page; it
reads on to the end of the page where a comment or a title is never closed; and it gives up where
elements are nested too deep (unclosed ``<font>`` and ``<span>`` of pages pasted from Word).

Mended by rules of our own and not by a second parser: what Python's own ``html.parser`` makes of
unclosed comments and titles has changed between its releases, and the same bytes must give the
same article.
"""

from __future__ import annotations

import re

from lxml import etree

# Formatting that carries no structure; dropping it makes a bottomless page shallow.
_FORMATTING_TAG = re.compile(
    r"</?(?:font|span|b|i|u|em|strong|big|small|s|strike|tt|o:p|center|blockquote|div)\b[^<>]*>",
    re.IGNORECASE,
)
_STRUCTURE_TAG = re.compile(
    r"</?(?:table|tbody|thead|tr|td|th|ul|ol|li|dl|dd|dt|section|article)\b[^<>]*>", re.IGNORECASE
)
_END_OF_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_END_OF_DOCUMENT = re.compile("</(?:html|HTML)")
_TAIL = 400  # characters after </html> that are only a counter's script
# Elements whose content is text up to their end tag, and in which a page has disappeared.
_SWALLOWING = frozenset({"title", "textarea", "iframe", "noscript", "xmp", "noembed"})


def parse(markup: str) -> etree._Element:
    """The root element of a page; an empty ``<html>`` where there is no markup. Never raises."""
    markup = _close_comment(_without_early_end(markup))
    root, too_deep = _parse(markup)
    if (reopened := _without_swallower(markup, root)) is not None:
        markup = reopened
        root, too_deep = _parse(markup)
    if too_deep:
        markup = _FORMATTING_TAG.sub(" ", markup)
        root, too_deep = _parse(markup)
    if too_deep:
        root, _ = _parse(_STRUCTURE_TAG.sub("<p>", markup))
    return root


def _parse(markup: str) -> tuple[etree._Element, bool]:
    parser = etree.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
        no_network=True,
        collect_ids=False,  # a fifth of the time; nothing here asks the tree for an id
    )
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except etree.ParserError:  # nothing but comments or white space
        root = None
    except etree.XMLSyntaxError:  # no element at all
        root = None
    too_deep = any("Excessive depth" in entry.message for entry in parser.error_log)
    return (etree.Element("html") if root is None else root), too_deep


def _without_early_end(markup: str) -> str:
    """The markup without the ends of documents that stand before its own end."""
    if _END_OF_DOCUMENT.search(markup, 0, max(len(markup) - _TAIL, 0) + len("/html")) is None:
        return markup
    return _END_OF_PAGE.sub("", markup)


def _close_comment(markup: str) -> str:
    """The markup without the beginning of a comment that has no end."""
    opened = markup.rfind("<!--")
    if opened < 0 or markup.find("-->", opened) >= 0 or markup.find("--!>", opened) >= 0:
        return markup
    return markup[:opened] + markup[opened + len("<!--") :]


def _without_swallower(markup: str, root: etree._Element) -> str | None:
    """The markup without the start tag of an element that was never closed and has taken in the
    rest of the page as its text; None where there is none."""
    last = root
    while len(last):
        last = last[-1]
    if last.tag not in _SWALLOWING or "</" not in (last.text or ""):
        return None
    begun = markup.lower().rfind(f"<{last.tag}")
    end = markup.find(">", begun)
    return None if begun < 0 or end < 0 else markup[:begun] + markup[end + 1 :]
