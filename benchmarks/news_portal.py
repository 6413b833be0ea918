"""A portal of plain files with thousands of different articles: sections, listings with pagers, article
pages with menus and "other news" that link to each other.

A page has what the median of 215 pages of real portals has: 65 kB, 860 elements, 67 links, 15 pictures;
much of the rest is layout and inline script.
"""

from __future__ import annotations

import random
from html import escape
from pathlib import Path

from archive.schema import Article
from benchmarks.search_articles import COPY_EVERY, EDITED_COPY_EVERY, made

SECTIONS = 20
LISTED = 20  # articles on a page of a listing
_OTHERS = 32  # links under an article
_THUMBNAILS = 40
_PICTURES = 15
_CELLS = 128
_PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def build(folder: Path, articles: int, size: int = 65_000) -> int:
    """Writes the portal; article pages are filled up to about ``size`` bytes with the markup of a
    portal's right-hand column. Returns the number of pages. The same arguments give the same bytes."""
    chance = random.Random(20250701)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(_THUMBNAILS):
        (folder / f"anh-{number}.gif").write_bytes(_PIXEL + bytes([number]))
    printed = _distinct(articles)
    titles = [article.title for article in printed]
    for number, article in enumerate(printed):
        others = [chance.randrange(articles) for _ in range(_OTHERS)]
        page = _article_page(number, article, [(o, titles[o]) for o in others], size, chance)
        (folder / f"tin-{number}.html").write_bytes(page)
    pages = articles + 1
    for section in range(SECTIONS):
        own = range(section, articles, SECTIONS)
        starts = range(0, len(own), LISTED)
        for at, start in enumerate(starts):
            rows = "".join(
                f'<li><a href="/tin-{n}.html">{escape(titles[n])}</a> <span class="ngay">'
                f"({_printed_date(printed[n])[:10]})</span></li>\n"
                for n in own[start : start + LISTED]
            )
            around = [p for p in range(at - 2, at + 3) if 0 <= p < len(starts)]
            pager = " ".join(f'<a href="{_listing(section, p)}">{p + 1}</a>' for p in around)
            body = f"<h1>Chuyên mục số {section}</h1><ul>{rows}</ul><div class='phan-trang'>{pager}</div>"
            name = _listing(section, at).lstrip("/")
            (folder / name).write_bytes(_page(f"Chuyên mục số {section}", body))
            pages += 1
    newest = "".join(
        f'<li><a href="/tin-{n}.html">{escape(titles[n])}</a></li>'
        for n in range(min(20, articles))
    )
    (folder / "index.html").write_bytes(_page("Cổng thông tin điện tử", f"<ul>{newest}</ul>"))
    return pages


def _distinct(articles: int) -> list[Article]:
    """Articles that are no copies of one another: a portal seldom prints one twice."""
    copies = (COPY_EVERY - 1, EDITED_COPY_EVERY - 2)
    found: list[Article] = []
    number = 0
    while len(found) < articles:
        if number % COPY_EVERY != copies[0] and number % EDITED_COPY_EVERY != copies[1]:
            found.append(made(number).article)
        number += 1
    return found


def _listing(section: int, page: int) -> str:
    return f"/muc-{section}.html" if page == 0 else f"/muc-{section}-trang-{page + 1}.html"


def _printed_date(article: Article) -> str:
    day = article.published_at or "2019-03-05T08:00:00+07:00"
    return f"{day[8:10]}/{day[5:7]}/{day[:4]} {day[11:16]}"


def _article_page(
    number: int,
    article: Article,
    others: list[tuple[int, str]],
    size: int,
    chance: random.Random,
) -> bytes:
    rows = "".join(f'<li><a href="/tin-{n}.html">{escape(t)}</a></li>\n' for n, t in others)
    paragraphs = "".join(
        f'<p style="text-align:justify">{escape(text)}</p>\n'
        for text in article.body_text.split("\n")
    )
    body = (
        f'<div class="chi-tiet"><h1>{escape(article.title)}</h1>'
        f'<div class="ngay-dang">Ngày đăng: {_printed_date(article)}</div>'
        f'<div class="tom-tat">{escape(article.summary)}</div>'
        f'<div class="noi-dung">{paragraphs}'
        f'<p style="text-align:right"><strong>{escape(article.author)}</strong></p></div></div>'
        f'<div class="tin-khac"><h3>Các tin khác</h3><ul>{rows}</ul></div>'
    )
    column = "".join(
        f'<div class="lien-ket row"><div class="col-md-4"><img src="/anh-{chance.randrange(_THUMBNAILS)}.gif" '
        f'alt="" class="img-responsive thumbnail"></div><div class="col-md-8"><a class="ten" '
        f'href="/muc-{chance.randrange(SECTIONS)}.html">Chuyên trang {n}</a></div></div>\n'
        for n in range(_PICTURES)
    )
    layout = (
        '<table class="khung"><tr><td><div class="o"><span></span></div></td></tr></table>\n'
        * _CELLS
    )
    body += f'<div class="cot-phai">{column}</div>{layout}'
    missing = size - len(_page(article.title, body))
    script = "".join(
        f"var o{n}={{id:'{chance.randrange(10**9)}',ten:'o{n}'}};\n" for n in range(900)
    )
    return _page(article.title, f"{body}<script>{script[: max(0, missing)]}</script>")


_MENU = "".join(
    f'<li class="nav-item menu-{i}"><a class="nav-link" href="/muc-{i}.html">Chuyên mục số {i}</a></li>\n'
    for i in range(SECTIONS)
)


def _page(title: str, body: str) -> bytes:
    return (
        f"<!DOCTYPE html>\n<html lang='vi'><head><meta charset='utf-8'><title>{escape(title)}</title></head>"
        f"<body><nav><ul>{_MENU}</ul></nav><main>{body}</main></body></html>\n"
    ).encode()
