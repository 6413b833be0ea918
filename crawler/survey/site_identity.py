"""Which body a portal belongs to, by its home page and its address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from archive.errors import HuyenError
from archive.urls import host_of
from crawler.extraction.page import Page
from crawler.survey.district_names import bare_name, body_name, slug_of
from crawler.survey.provinces import province_of_host, provinces_in

_LINES = 15  # at the top and at the bottom of a page, where portals name themselves


@dataclass(frozen=True, slots=True)
class Identity:
    """A body as sites.toml names it; ``doubts`` say what was guessed, by key of sites.toml."""

    name: str
    province: str
    slug: str
    doubts: Mapping[str, str]


def identify(page: Page, home: str, *, name: str | None, province: str | None) -> Identity:
    """Whose portal it is; ``name`` and ``province`` are what a person said, and then final. Raises
    HuyenError where something cannot be told."""
    doubts: dict[str, str] = {}
    if name is None:
        found = body_name(_speaking_lines(page), home)
        if found is None:
            raise HuyenError(
                f'{home}: the page does not name its body; say it with --name "Huyện …". '
                "Nothing was written"
            )
        name = found.full
        if not found.confirmed:
            doubts["name"] = f'"{name}" is what the page says; the address does not spell it'
    if province is None:
        province = _province(page, home, doubts)
    return Identity(name, province, slug_of(bare_name(name)), doubts)


def _province(page: Page, home: str, doubts: dict[str, str]) -> str:
    by_host = province_of_host(host_of(home))
    printed = Counter(provinces_in(_text_of(page))).most_common(1)
    by_text = printed[0][0] if printed else None
    if by_host is None and by_text is None:
        raise HuyenError(
            f"{home}: neither the address nor the page names a province; say it with --province. "
            "Nothing was written"
        )
    if by_host is None:
        doubts["province"] = f'"{by_text}" is what the page says; the address does not name it'
    elif by_text not in (None, by_host):
        doubts["province"] = f'the address says "{by_host}", the page "{by_text}"'
    return by_host or by_text or ""


def _speaking_lines(page: Page) -> list[str]:
    """Lines of a page that may name its body, the likeliest first."""
    heads = page.blocks.heads
    stated = [heads[key] for key in ("og:site_name", "title", "description") if key in heads]
    texts = [item.text for item in page.blocks.items if item.text and not item.is_link]
    return [*stated, *texts[:_LINES], *texts[_LINES:][-_LINES:]]


def _text_of(page: Page) -> str:
    return "\n".join([*page.blocks.heads.values(), *(item.text for item in page.blocks.items)])
