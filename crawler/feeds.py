"""Sitemaps and news feeds: lists of addresses that a portal offers to machines."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from crawler.links import resolve

_MOST = 50_000  # addresses in one file, the limit of sitemaps.org
_LARGEST = 16_000_000  # bytes; 50,000 addresses in XML, with room to spare


@dataclass(frozen=True, slots=True)
class Announced:
    """``pages`` that a feed or sitemap names, and further ``sitemaps``; absolute, in order."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def announced(body: bytes, url: str) -> Announced | None:
    """What an RSS or Atom feed, a sitemap or a sitemap index names. None where the body is none of
    them. Never raises; entities are not resolved, nothing is fetched. Of a body that is larger than
    any should be, the beginning is read."""
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if len(body) > _LARGEST:
        body = body[: body.rfind(b">", 0, _LARGEST) + 1]
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    kind = _name(root)
    if kind not in {"urlset", "sitemapindex", "rss", "feed", "rdf"}:
        return None
    named: dict[str, None] = {}
    for element in root.iter("{*}loc", "{*}link", "{*}guid", "loc", "link", "guid"):
        holder = element.getparent()
        if holder is None or _name(holder) not in {"url", "sitemap", "item", "entry"}:
            continue  # the link of the whole feed
        if len(element) == 0:  # no entity that was left as it is
            named[(element.text or "").strip() or element.get("href") or ""] = None
        if len(named) >= _MOST:
            break
    resolved = dict.fromkeys(resolve(url, reference) for reference in named)
    addresses = tuple(address for address in resolved if address is not None)
    return Announced(sitemaps=addresses) if kind == "sitemapindex" else Announced(pages=addresses)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()
