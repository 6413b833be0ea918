"""One article as an HTML page that stands alone: no script, nothing loaded from anywhere, every
word of the portal escaped. For reading, printing and handing over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import urlsplit

from archive.articles import StoredArticle, Version
from archive.terminal import day

_STYLE = (
    "body{font:1.05rem/1.6 Georgia,'Times New Roman',serif;max-width:42rem;margin:2rem auto;"
    "padding:0 1rem;color:#1a1a1a;background:#fff}"
    "h1{line-height:1.25}.about,footer,li{font-size:.9rem;color:#444}"
    ".sapo{font-weight:bold}footer{border-top:1px solid #bbb;margin-top:2rem}"
    "a{color:inherit;overflow-wrap:anywhere}dt{float:left;clear:left;width:9rem}dd{margin-left:9rem}"
)


def article_page(article: StoredArticle, version: Version) -> str:
    """The page of that version of the article. Addresses other than http and https are shown, not
    linked."""
    content = version.content
    parts = (
        "<article>",
        f"<h1>{escape(content.title)}</h1>",
        *_body(article, version),
        "</article>",
        *_footer(article, version),
    )
    return alone(content.title, content.language, "", parts)


def alone(title: str, language: str, style: str, body: Iterable[str]) -> str:
    """A page that loads nothing and runs nothing. ``style`` and the lines of ``body`` are markup."""
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{escape(language, quote=True)}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}{style}</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        )
    )


def _body(article: StoredArticle, version: Version) -> Iterator[str]:
    content = version.content
    about = [article.portal, day(content.published_at), *content.category]
    yield f'<p class="about">{escape(" · ".join(about))}</p>'
    if content.summary:
        yield f'<p class="sapo">{escape(content.summary)}</p>'
    for paragraph in content.body_text.split("\n"):
        if paragraph:
            yield f"<p>{escape(paragraph)}</p>"
    if content.author:
        yield f"<p><em>{escape(content.author)}</em></p>"
    yield from _list(
        "Pictures", [(image.url, image.caption or image.alt) for image in content.images]
    )
    yield from _list("Attachments", [(file.url, file.label) for file in content.attachments])


def _list(heading: str, entries: list[tuple[str, str]]) -> Iterator[str]:
    if not entries:
        return
    yield f"<h2>{heading}</h2>"
    yield "<ul>"
    for url, label in entries:
        yield f"<li>{escape(label)} {_link(url)}</li>"
    yield "</ul>"


def _footer(article: StoredArticle, version: Version) -> Iterator[str]:
    yield "<footer>"
    yield "<dl>"
    facts = [
        ("Address", _link(article.url)),
        ("Captured", escape(day(version.fetched_at))),
        ("Status", escape(article.status)),
        ("In the archive", f"article {article.id}, version {version.number}"),
    ]
    for name, value in facts:
        yield f"<dt>{name}</dt><dd>{value}</dd>"
    yield "</dl>"
    yield "</footer>"


def _link(url: str) -> str:
    shown = escape(url, quote=True)
    if not _is_web(url):
        return shown
    return f'<a href="{shown}" rel="noreferrer noopener">{shown}</a>'


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:  # "http://[" is no address, yet somebody printed it
        return False
