"""The archive's health for Prometheus: a text file for node_exporter's textfile collector.

Names and units follow https://prometheus.io/docs/practices/naming/: seconds, bytes, ratios. All are
gauges: each run replaces the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from archive.health import ArchiveHealth, SiteHealth

_LOCAL = timezone(timedelta(hours=7))  # all of Vietnam, without summer time
_Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run of the command ended; times are aware."""

    started_at: datetime
    ended_at: datetime
    exit_status: int


def metrics_text(run: RunEnd, health: ArchiveHealth | None) -> str:
    """The text exposition format, version 0.0.4. ``health`` is None where the archive cannot be
    opened: then only the run is told of."""
    families = [*_run(run), *(_archive(health) if health else ())]
    return "".join(line + "\n" for family in families for line in family)


def _run(run: RunEnd) -> Iterator[list[str]]:
    yield _family(
        "huyen_run_start_timestamp_seconds",
        "When the last crawl began.",
        [((), run.started_at.timestamp())],
    )
    yield _family(
        "huyen_run_end_timestamp_seconds",
        "When the last crawl ended.",
        [((), run.ended_at.timestamp())],
    )
    yield _family(
        "huyen_run_exit_status",
        "Exit status of the last crawl: 0 well, 3 a site is unhealthy.",
        [((), run.exit_status)],
    )


def _archive(health: ArchiveHealth) -> Iterator[list[str]]:
    yield _family("huyen_archive_warc_bytes", "Size of all WARC files.", [((), health.warc_bytes)])
    yield _family(
        "huyen_archive_database_bytes", "Size of archive.db.", [((), health.database_bytes)]
    )
    if health.verified is not None:
        yield _family(
            "huyen_archive_verified_timestamp_seconds",
            "When every record was last read again and compared.",
            [((), health.verified.at.timestamp())],
        )
        yield _family(
            "huyen_archive_verification_problems",
            "Problems that this verification found.",
            [((), health.verified.problems)],
        )
    yield from _sites(health.sites)


def _sites(sites: Iterable[SiteHealth]) -> Iterator[list[str]]:
    crawled = [(site, site.last) for site in sites if site.last is not None]

    def of_site(name: str, text: str, values: Iterable[tuple[str, float | None]]) -> list[str]:
        samples = [((("site", slug),), value) for slug, value in values if value is not None]
        return _family(f"huyen_site_{name}", text, samples)

    yield of_site(
        "healthy",
        "1 if nothing is wrong with the site.",
        ((site.site, int(site.is_healthy)) for site in sites),
    )
    yield _family(
        "huyen_site_verdict",
        "The verdict of the last crawl of the site that came to one.",
        [((("site", site.site), ("verdict", last.verdict or "")), 1) for site, last in crawled],
    )
    yield of_site(
        "crawl_timestamp_seconds",
        "When the last crawl of the site that came to a verdict began.",
        ((site.site, last.started_at.timestamp()) for site, last in crawled),
    )
    yield of_site(
        "crawl_duration_seconds",
        "How long it took.",
        (
            (
                site.site,
                (last.ended_at - last.started_at).total_seconds() if last.ended_at else None,
            )
            for site, last in crawled
        ),
    )
    for name, text, attribute in (
        ("crawl_requests", "Requests that it made.", "requests"),
        ("crawl_failed_requests", "Requests without an answer after all retries.", "failed"),
        ("crawl_pages", "Pages that it read.", "pages"),
        ("crawl_articles", "Article pages that it read.", "articles"),
        ("crawl_new_articles", "Articles that it found new.", "new"),
        ("crawl_changed_articles", "Articles that it found changed.", "changed"),
        (
            "crawl_unreadable_pages",
            "Pages that should be articles and were not read.",
            "unreadable",
        ),
    ):
        yield of_site(name, text, ((site.site, getattr(last, attribute)) for site, last in crawled))
    yield _family(
        "huyen_site_field_ratio",
        "Share of the articles of the last crawl that have a field.",
        [
            ((("site", site.site), ("field", field.field)), field.share)
            for site in sites
            for field in site.coverage
        ],
    )
    yield of_site(
        "articles", "Articles in the archive.", ((site.site, site.articles) for site in sites)
    )
    yield of_site(
        "gone_articles",
        "Those of them that the portal shows no more.",
        ((site.site, site.gone) for site in sites),
    )
    yield of_site(
        "newest_capture_timestamp_seconds",
        "When the newest article was first captured.",
        ((site.site, site.newest_at.timestamp() if site.newest_at else None) for site in sites),
    )
    yield of_site(
        "newest_article_timestamp_seconds",
        "Publication of the newest article that was seen.",
        ((site.site, _published(site.newest)) for site in sites),
    )
    yield of_site(
        "warc_bytes", "Size of the WARC files.", ((site.site, site.bytes) for site in sites)
    )


def _published(text: str | None) -> float | None:
    """A published_at: local to the portal, also where it is a bare date."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or _LOCAL).timestamp()


def _family(name: str, text: str, samples: Iterable[tuple[_Labels, float]]) -> list[str]:
    lines = [_sample(name, labels, value) for labels, value in samples]
    return [f"# HELP {name} {_escaped(text, quote=False)}", f"# TYPE {name} gauge", *lines] * bool(
        lines
    )


def _sample(name: str, labels: _Labels, value: float) -> str:
    inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{{{inner}}} {value:.15g}" if inner else f"{name} {value:.15g}"


def _escaped(text: str, *, quote: bool = True) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quote else escaped
