"""`/health`: how the archive and its portals are, for the operator; the same facts as `huyen health`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response

from archive.health import WEEKS, archive_health
from archive.reader.rendering import page
from archive.reader.visit import Visit
from archive.timestamps import utc_now, utc_text

_MOST_DETAILED = 60  # portals; of more only the fields that are missed are told

# What archive.health and the verdicts say, in English, and how it is said in Vietnamese.
_REMARKS = (
    (r"(\d+) new, (\d+) changed", r"\1 bài mới, \2 bài sửa"),
    (r"nothing new", "không có gì mới"),
    (r"never crawled", "chưa thu thập lần nào"),
    (r"not crawled for (\d+) days", r"đã \1 ngày chưa thu thập"),
    (r"nobody has crawled for (\d+) days", r"đã \1 ngày không ai thu thập gì"),
    (
        r"the last verification found ([\d,]+) problems",
        r"lần kiểm tra toàn vẹn gần nhất thấy \1 lỗi",
    ),
)


def health_page(visit: Visit) -> Response:
    """Portals with problems first, each with what was last concluded."""
    now = utc_now()
    health = archive_health(visit.connection, now)
    portals = sorted(health.sites, key=lambda site: (site.is_healthy, site.name, site.site))
    values = {
        "health": health,
        "portals": portals,
        "unwell": sum(not site.is_healthy for site in portals),
        "weeks": WEEKS,
        "most_detailed": _MOST_DETAILED,
        "stamp": _stamp,
        "spark": bars_path,
        "remark": lambda text: remark_in(visit.language, text),
    }
    return page(visit.request, "health.html", values)


def bars_path(counts: Sequence[int]) -> str:
    """The bars as one SVG path, 5 by 24 units each, the highest count 23 high."""
    highest = max(counts, default=0) or 1
    heights = [1 + round(22 * count / highest) for count in counts]
    return "".join(f"M{5 * place} 24v-{high}h4v{high}z" for place, high in enumerate(heights))


def remark_in(language: str, remark: str) -> str:
    """A remark of the health check in that language; as it is where it is not known here."""
    if language != "en":
        for pattern, translation in _REMARKS:
            if match := re.fullmatch(pattern, remark):
                return match.expand(translation)
    return remark


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
