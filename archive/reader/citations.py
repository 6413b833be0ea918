"""How to cite a version: BibTeX, RIS, CSL-JSON, and what the head of its page says to other programs
(JSON-LD NewsArticle, Dublin Core)."""

from __future__ import annotations

import json
import re
from typing import Any

from archive.articles import StoredArticle, Version
from archive.provenance import Provenance
from archive.terminal import printable
from archive.vietnamese import fold

_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


_FORM_OF_LINE = {
    "vi": "{author}“{title}”. {portal}, {day}. {url} (lưu ngày {captured}; bản lưu: {address}).",
    "en": "{author}“{title}”. {portal}, {day}. {url} (captured {captured}; archived copy: {address}).",
}
_NO_DATE = {"vi": "không ghi ngày", "en": "no date"}


def line(article: StoredArticle, version: Version, address: str, language: str) -> str:
    """One line for a footnote, in the language of the reader."""
    content = version.content
    return _FORM_OF_LINE[language].format(
        author=f"{_one_line(content.author).rstrip('.')}. " if content.author else "",
        title=_one_line(content.title),
        portal=_portal(article),
        day=_written(_day(content.published_at), language) or _NO_DATE[language],
        url=article.url,
        captured=_written(version.fetched_at, language),
        address=address,
    )


def exact(chain: Provenance, language: str) -> str:
    """One line that names record and digest, in the language of the reader."""
    if language == "en":
        return chain.citation
    article, version, capture = chain.article, chain.version, chain.capture
    content = version.content
    author = f"{_one_line(content.author).rstrip('.')}. " if content.author else ""
    day = _written(_day(content.published_at), language) or _NO_DATE[language]
    record = f"bản ghi WARC {capture.place.record_id}, " if capture.place else ""
    return (
        f"{author}“{_one_line(content.title)}”. {_portal(article)}, {day}. {capture.url}, "
        f"lưu ngày {_written(capture.fetched_at, language)} "
        f"({record}{capture.payload_digest or 'không có nội dung'}; "
        f"huyen, bài {article.id}, phiên bản {version.number})."
    )


def bibtex(article: StoredArticle, version: Version, address: str) -> str:
    """An `@online` entry of biblatex."""
    content = version.content
    word = re.sub(r"[^a-z0-9]", "", fold(article.site)) or "huyen"
    fields = [
        ("author", content.author and "{" + _bibtex(content.author) + "}"),
        ("title", "{" + _bibtex(content.title) + "}"),
        ("organization", _bibtex(_portal(article))),
        ("date", _day(content.published_at)),
        ("url", _plain(article.url)),
        ("urldate", version.fetched_at[:10]),
        ("note", f"Archived copy: \\url{{{_plain(address)}}}"),
        ("langid", "vietnamese" if content.language == "vi" else ""),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join((f"@online{{{word}{article.id}v{version.number},", *lines, "}", ""))


def ris(article: StoredArticle, version: Version, address: str) -> str:
    """A record of type ELEC, CRLF as the format wants it."""
    content = version.content
    fields = [
        ("TY", "ELEC"),
        ("AU", content.author),
        ("TI", content.title),
        ("T2", article.portal),
        ("PB", _portal(article)),
        ("DA", _day(content.published_at).replace("-", "/")),
        ("PY", _day(content.published_at)[:4]),
        ("UR", article.url),
        ("L2", address),
        ("Y2", version.fetched_at[:10].replace("-", "/")),
        ("LA", content.language),
    ]
    lines = [f"{name}  - {_one_line(value)}" for name, value in fields if value]
    return "\r\n".join((*lines, "ER  - ", ""))


def csl(article: StoredArticle, version: Version, address: str) -> str:
    """CSL-JSON, a list of one item."""
    content = version.content
    item: dict[str, Any] = {
        "id": f"{article.site}-{article.id}-{version.number}",
        "type": "webpage",
        "title": content.title,
        "container-title": article.portal,
        "publisher": _portal(article),
        "URL": article.url,
        "accessed": {"date-parts": [_parts(version.fetched_at)]},
        "archive": "huyen",
        "archive_location": address,
        "language": content.language,
    }
    if content.author:
        item["author"] = [{"literal": content.author}]
    if content.published_at:
        item["issued"] = {"date-parts": [_parts(content.published_at)]}
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def json_ld(article: StoredArticle, version: Version, address: str) -> str:
    """schema.org NewsArticle as JSON that may stand in a script element of type
    application/ld+json: no ``<`` can end it."""
    content = version.content
    item: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": address,
        "headline": content.title,
        "url": address,
        "isBasedOn": article.url,
        "inLanguage": content.language,
        "publisher": {"@type": "GovernmentOrganization", "name": _portal(article)},
        "archivedAt": address,
        "dateCreated": version.fetched_at,
    }
    if content.summary:
        item["description"] = content.summary
    if content.author:
        item["author"] = {"@type": "Person", "name": content.author}
    if content.published_at:
        item["datePublished"] = content.published_at
    if content.updated_at:
        item["dateModified"] = content.updated_at
    if content.category:
        item["articleSection"] = list(content.category)
    text = json.dumps(item, ensure_ascii=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def dublin_core(article: StoredArticle, version: Version, address: str) -> list[tuple[str, str]]:
    """Names and contents of `meta` elements (DCMI Metadata Terms)."""
    content = version.content
    return [
        (name, value)
        for name, value in (
            ("DC.title", content.title),
            ("DC.creator", content.author),
            ("DC.publisher", _portal(article)),
            ("DC.date", content.published_at or ""),
            ("DC.description", content.summary),
            ("DC.subject", "; ".join(content.category)),
            ("DC.language", content.language),
            ("DC.identifier", address),
            ("DC.source", article.url),
            ("DC.type", "Text"),
            ("DC.format", "text/html"),
        )
        if value
    ]


def _portal(article: StoredArticle) -> str:
    return ", ".join(filter(None, (article.portal, article.province)))


def _day(published_at: str | None) -> str:
    return (published_at or "")[: len("YYYY-MM-DD")]


def _parts(moment: str) -> list[int]:
    return [int(part) for part in moment[: len("YYYY-MM-DD")].split("-")]


def _written(moment: str, language: str) -> str:
    """The day of a stored time as it is written in a footnote."""
    day = moment[: len("YYYY-MM-DD")]
    return "/".join(reversed(day.split("-"))) if language == "vi" else day


def _bibtex(text: str) -> str:
    return "".join(_BIBTEX.get(c, c) for c in _one_line(text))


def _plain(url: str) -> str:
    """An address in BibTeX stays as it is; braces would unbalance the entry."""
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
