"""Where a version comes from, as text for a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from archive.field_places import FieldPlace
from archive.imports import ImportedFrom, path_in_via
from archive.provenance import Capture, FoundFields, Provenance, Run
from archive.terminal import Terminal, day, printable


def provenance_text(
    terminal: Terminal,
    chain: Provenance,
    recipe: Sequence[str],
    directory: str,
    found: FoundFields,
    field_recipe: str,
) -> Iterator[str]:
    """The chain, the outcome of the check, how to repeat it, and a line to cite. ``directory`` is
    where the recipe is to be run."""
    version, capture, held = chain.version, chain.capture, chain.held_by
    yield terminal.wrapped(terminal.strong(version.content.title))
    yield ""
    yield terminal.field("Run", _run(chain.fetched_by))
    yield from _capture_facts(terminal, capture)
    if chain.imported_from is not None:
        yield from _import_facts(terminal, chain.imported_from)
    if held is not capture:
        yield terminal.field("", "A revisit: the portal sent the same bytes as before.")
        yield from _capture_facts(terminal, held)
    yield terminal.field(
        "Extractor",
        f"{version.extractor} {version.extractor_version}, "
        f"confidence {version.confidence:.2f}, recorded {day(version.recorded_at)}",
    )
    if chain.extracted_by.id != chain.fetched_by.id:
        yield terminal.field("Read by", _run(chain.extracted_by))
    yield terminal.field(
        "Version",
        f"{version.number} of {len(chain.article.versions) + len(chain.article.withheld)} "
        f"of article {chain.article.id}",
    )
    yield ""
    yield from _check(terminal, chain)
    yield from _fields(terminal, found.places)
    if recipe:
        yield ""
        yield terminal.strong("Check it yourself")
        yield f"  cd {printable(shlex.quote(directory))}"
        for command in recipe:
            yield f"  {printable(command)}"
        yield terminal.wrapped(
            "The first prints the record, the second the digest to compare with the payload's, the "
            "third is the first with warcio (pip install warcio).",
            2,
        )
    if field_recipe:
        yield f"  {printable(field_recipe)}"
        yield terminal.wrapped(
            "This one prints the first field above out of the page; with other bytes, another.", 2
        )
    yield ""
    yield terminal.strong("Cite it")
    yield f"  {printable(chain.citation)}"  # not wrapped: made to be copied


def _check(terminal: Terminal, chain: Provenance) -> Iterator[str]:
    check = chain.check
    if check.passed:
        yield terminal.good("Checked just now: the stored bytes are the captured bytes.")
    else:
        yield terminal.wrapped(terminal.bad(f"CHECK FAILED: {check.problem}"))
    if check.computed:
        yield terminal.field("computed", check.computed)


def _fields(terminal: Terminal, places: Sequence[FieldPlace]) -> Iterator[str]:
    if not places:
        return
    yield ""
    yield terminal.strong("Where in the page each field stands, looked up just now")
    yield terminal.table(
        ("Field", "Bytes", "In", ""),
        [
            (
                place.field,
                "" if place.start is None else f"{place.start}-{place.end}",
                place.element,
                _how_found(place),
            )
            for place in places
        ],
    )


def _how_found(place: FieldPlace) -> str:
    if place.paragraphs is not None:
        found, of = place.paragraphs
        pieces = f", in {place.runs} pieces" if place.runs > 1 else ""
        return f"{found} of {of} paragraphs{pieces}"
    if place.start is None:
        return "not in one place: put together by the extractor"
    return f"one of {place.places} places" if place.places > 1 else ""


def _capture_facts(terminal: Terminal, capture: Capture) -> Iterator[str]:
    status = "no status" if capture.status is None else str(capture.status)
    yield terminal.field("Capture", f"{capture.id}, {day(capture.fetched_at)}, {status}")
    yield terminal.field("", capture.url)
    if capture.via and path_in_via(capture.via) is None:
        yield terminal.field("", f"reached from {capture.via}")
    if capture.truncated:
        yield terminal.field("", f"cut off ({capture.truncated})")
    if capture.place is None:
        return
    place = capture.place
    yield terminal.field(
        "WARC record", f"{place.file}, offset {place.offset}, {place.length} bytes packed"
    )
    yield terminal.field("", f"{place.record_type} {place.record_id}")
    yield terminal.field("Payload", f"{capture.payload_length} bytes, {capture.payload_digest}")


def _import_facts(terminal: Terminal, source: ImportedFrom) -> Iterator[str]:
    yield terminal.field("Imported from", source.name)
    yield terminal.field("", f"record {source.record}")
    yield terminal.field("", f"SHA-256 {source.sha256}")
    yield terminal.field("", f"kept as {source.path}")
    for name, value in source.maker.items():
        yield terminal.field("", f"{name}: {value}")


def _run(run: Run) -> str:
    command = " ".join(("huyen", run.command, *map(shlex.quote, run.arguments)))
    return f"{run.id}: {command} ({run.software}), {day(run.started_at)}"
