"""Sitemaps and news feeds: lists of addresses that a portal offers to machines."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from crawler.links import resolve

_MOST = 50_000  # addresses in one file, the limit of sitemaps.org


@dataclass(frozen=True, slots=True)
class Announced:
    """``pages`` that a feed or sitemap names, and further ``sitemaps``; absolute, in order."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def announced(body: bytes, url: str) -> Announced | None:
    """What an RSS or Atom feed, a sitemap or a sitemap index names. None where the body is none of
    them. Never raises; entities are not resolved, nothing is fetched."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    kind = _name(root)
    if kind not in {"urlset", "sitemapindex", "rss", "feed", "rdf"}:
        return None
    found: dict[str, None] = {}
    for element in root.iter("{*}loc", "{*}link", "{*}guid", "loc", "link", "guid"):
        holder = element.getparent()
        if holder is None or _name(holder) not in {"url", "sitemap", "item", "entry"}:
            continue  # the link of the whole feed
        address = resolve(url, (element.text or "").strip() or element.get("href") or "")
        if address is not None:
            found[address] = None
        if len(found) >= _MOST:
            break
    addresses = tuple(found)
    return Announced(sitemaps=addresses) if kind == "sitemapindex" else Announced(pages=addresses)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()
