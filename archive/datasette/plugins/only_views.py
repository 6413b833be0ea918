"""Datasette shows the views for people, and nothing else: what is withheld stands in the tables behind.

Loaded by Datasette itself (``--plugins-dir``); nothing in this program imports it.
"""

from __future__ import annotations

from pluggy import HookimplMarker

hookimpl = HookimplMarker("datasette")

# docs/archive.md describes them; a test keeps this list and the schema equal.
VIEWS = frozenset(
    {
        "absences",
        "addresses",
        "article_bodies",
        "articles",
        "attachment_texts",
        "attachments",
        "bodies",
        "captures",
        "hosts",
        "near_duplicates",
        "runs",
        "site_runs",
        "versions",
        "withholdings",
    }
)


@hookimpl
def permission_allowed(action: str, resource: object) -> bool | None:
    """No for every table; no opinion on the rest, which metadata.json decides."""
    if action == "view-table" and isinstance(resource, tuple):
        return None if resource[-1] in VIEWS else False
    return None
