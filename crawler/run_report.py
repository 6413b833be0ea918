"""What a crawl says of its sites: a line for what is wrong, a table for all, a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from archive.terminal import Terminal, printable
from crawler.recording import SiteOutcome
from crawler.run import RunOutcome

_HEADINGS = (
    "SITE",
    "VERDICT",
    "ARTICLES",
    "NEW",
    "CHANGED",
    "REQUESTS",
    "FAILED",
    "TIME",
    "REASON",
)


def site_line(outcome: SiteOutcome) -> str:
    """One line on one site, for a mail from cron."""
    since = f" since {outcome.since:%Y-%m-%d}" if outcome.since else ""
    return printable(
        f"{outcome.site}: {outcome.verdict}{since} ({outcome.reason}); {outcome.requests} requests, "
        f"{outcome.pages} pages, {outcome.articles} articles in {_time(outcome.seconds)}"
        + (f"; {outcome.truncated} answers cut off" if outcome.truncated else "")
    )


def outcome_table(outcomes: Sequence[SiteOutcome], terminal: Terminal) -> str:
    """All sites by name, the unhealthy ones last, where they stand right above the prompt."""
    ordered = sorted(outcomes, key=lambda outcome: (not outcome.verdict.is_healthy, outcome.site))
    return terminal.table(_HEADINGS, [_row(outcome) for outcome in ordered])


def document(run: RunOutcome, status: int) -> dict[str, object]:
    """The outcome for programs. ``status`` is the exit status of the command."""
    return {
        "run": run.run_id,
        "status": status,
        "stopped_by": run.stopped_by.name if run.stopped_by else None,
        "sites": [
            asdict(site)
            | {
                "healthy": site.verdict.is_healthy,
                "since": site.since.isoformat() if site.since else None,
            }
            for site in run.sites
        ],
    }


def nothing_due() -> dict[str, object]:
    """`document` of a run that was not begun because no site was due."""
    return {"run": None, "status": 0, "stopped_by": None, "sites": []}


def _row(outcome: SiteOutcome) -> tuple[str, ...]:
    since = f"since {outcome.since:%Y-%m-%d}: " if outcome.since else ""
    cut_off = f"; {outcome.truncated} answers cut off" if outcome.truncated else ""
    return (
        outcome.site,
        str(outcome.verdict),
        str(outcome.articles),
        str(outcome.new),
        str(outcome.changed),
        str(outcome.requests),
        str(outcome.failed),
        _time(outcome.seconds),
        f"{since}{outcome.reason}{cut_off}",
    )


def _time(seconds: float) -> str:
    """``7 s``, ``12 min``, ``3 h 05 min``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"
