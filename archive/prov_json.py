"""The provenance of a version as W3C PROV-JSON (W3C Member Submission, 24 April 2013).

    portal --printed--> page --fetched by a run--> WARC record --read by an extractor--> version

Runs and extractions are activities; the page on the portal, records, versions and the article are
entities; the portal, the software and the extractor are agents. Records go by their WARC-Record-ID,
which is the same in every copy of the archive; what has a number in this archive only is under
``urn:x-huyen:``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.field_places import FieldPlace
from archive.provenance import Capture, Provenance, Run

_Records = dict[str, dict[str, Any]]

PREFIXES = {
    "huyen": "urn:x-huyen:",
    "record": "urn:uuid:",
    "dcterms": "http://purl.org/dc/terms/",
}


def prov_document(chain: Provenance, places: Sequence[FieldPlace] = ()) -> dict[str, Any]:
    """The chain as a PROV-JSON document: a JSON object by kind of record, each by identifier. Times
    are UTC; the portal's own dates stay as in the shared schema. ``places``: where in the page the
    fields of the version stand."""
    version, article = chain.version, chain.article
    named = f"huyen:article/{article.id}/version/{version.number}"
    portal, page = f"huyen:portal/{article.site}", f"huyen:page/{chain.capture.id}"
    extraction, extractor = (
        f"{named}/extraction",
        f"huyen:extractor/{version.extractor}/{version.extractor_version}",
    )
    content = version.content
    document = _Document()
    document.entity(
        f"huyen:article/{article.id}",
        {"prov:type": _type("Article"), "dcterms:identifier": article.url},
    )
    document.entity(
        named,
        {
            "prov:type": _type("Version"),
            "prov:label": content.title,
            "prov:generatedAtTime": _time(version.recorded_at),
            "dcterms:title": content.title,
            "dcterms:creator": content.author,
            "dcterms:issued": content.published_at,
            "dcterms:language": content.language,
            "dcterms:bibliographicCitation": chain.citation,
            "huyen:contentHash": f"sha256:{content.content_hash()}",
            "huyen:number": version.number,
            "huyen:cause": version.cause,
            "huyen:confidence": version.confidence,
            "huyen:foundAt": [
                f"{place.field}: bytes {place.start}-{place.end} in {place.element}"
                for place in places
                if place.found
            ]
            or None,
        },
    )
    document.entity(
        page,
        {
            "prov:type": _type("Page"),
            "prov:location": _address(chain.capture.url),
            "prov:label": f"what {chain.capture.url} showed at {chain.capture.fetched_at}",
        },
    )
    document.agent(
        portal,
        {
            "prov:type": {"$": "prov:Organization", "type": "prov:QUALIFIED_NAME"},
            "prov:label": ", ".join(filter(None, (article.portal, article.province))),
        },
    )
    document.agent(
        extractor,
        {
            "prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"},
            "prov:label": f"{version.extractor} {version.extractor_version}",
            "huyen:version": version.extractor_version,
        },
    )
    fetched_by = document.run(chain.fetched_by)
    extracted_by = document.run(chain.extracted_by)
    document.relate(
        "specializationOf", specificEntity=named, generalEntity=f"huyen:article/{article.id}"
    )
    document.relate("wasAttributedTo", entity=page, agent=portal)
    document.relate("wasAttributedTo", entity=named, agent=portal)
    document.relate("used", activity=fetched_by, entity=page, time=chain.capture.fetched_at)
    source = _records(document, chain, page, fetched_by)
    document.activity(
        extraction,
        {
            "prov:startTime": version.recorded_at,
            "prov:endTime": version.recorded_at,
            "prov:type": _type("Extraction"),
        },
    )
    document.relate("wasAssociatedWith", activity=extraction, agent=extractor)
    document.relate("wasInformedBy", informed=extraction, informant=extracted_by)
    document.relate("used", activity=extraction, entity=source)
    document.relate("wasGeneratedBy", entity=named, activity=extraction, time=version.recorded_at)
    document.relate("wasDerivedFrom", generatedEntity=named, usedEntity=source, activity=extraction)
    return document.finished()


def _records(document: _Document, chain: Provenance, page: str, fetched_by: str) -> str:
    """The record of the capture and, for a revisit, the one that holds the payload; returns what the
    version was read from: the page itself, where no bytes came."""
    capture, held_by = chain.capture, chain.held_by
    if capture.place is None:
        return page
    record = document.record(capture)
    document.relate("wasGeneratedBy", entity=record, activity=fetched_by, time=capture.fetched_at)
    document.relate("wasDerivedFrom", generatedEntity=record, usedEntity=page, activity=fetched_by)
    source = record
    if held_by.id != capture.id and held_by.place is not None:
        source = document.record(held_by)
        document.relate("wasDerivedFrom", generatedEntity=record, usedEntity=source)
    document.entities[source] |= {
        "huyen:checked": chain.check.problem or "the stored bytes are the captured bytes"
    }
    if chain.imported_from is not None:
        origin = chain.imported_from
        imported = f"huyen:import/{origin.sha256}"
        document.entity(
            imported,
            {
                "prov:type": _type("ImportedFile"),
                "prov:label": origin.name,
                "prov:location": origin.path,
                "huyen:digest": f"sha256:{origin.sha256}",
            },
        )
        document.relate("wasDerivedFrom", generatedEntity=record, usedEntity=imported)
    return source


class _Document:
    """The records so far, by kind and identifier."""

    def __init__(self) -> None:
        self.entities: _Records = {}
        self._activities: _Records = {}
        self._agents: _Records = {}
        self._relations: dict[str, _Records] = {}

    def entity(self, name: str, attributes: dict[str, Any]) -> None:
        self.entities[name] = _known(attributes)

    def activity(self, name: str, attributes: dict[str, Any]) -> None:
        self._activities[name] = _known(attributes)

    def agent(self, name: str, attributes: dict[str, Any]) -> None:
        self._agents[name] = _known(attributes)

    def run(self, run: Run) -> str:
        name = f"huyen:run/{run.id}"
        software = f"huyen:software/{run.software.replace(' ', '/')}"
        self.activity(
            name,
            {
                "prov:startTime": run.started_at,
                "prov:endTime": run.ended_at,
                "prov:type": _type("Run"),
                "prov:label": " ".join(("huyen", run.command, *run.arguments)),
            },
        )
        self.agent(
            software,
            {
                "prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"},
                "prov:label": run.software,
            },
        )
        self.relate("wasAssociatedWith", activity=name, agent=software)
        return name

    def record(self, capture: Capture) -> str:
        place = capture.place
        assert place is not None
        name = f"record:{place.record_id.removeprefix('<urn:uuid:').removesuffix('>')}"
        self.entity(
            name,
            {
                "prov:type": _type("WarcRecord"),
                "prov:location": place.file,
                "huyen:offset": place.offset,
                "huyen:length": place.length,
                "huyen:recordType": place.record_type,
                "huyen:url": _address(capture.url),
                "huyen:status": capture.status,
                "huyen:payloadDigest": capture.payload_digest,
                "huyen:via": capture.via,
            },
        )
        return name

    def relate(self, kind: str, **attributes: str) -> None:
        relations = self._relations.setdefault(kind, {})
        relation = {f"prov:{name}": value for name, value in attributes.items()}
        if relation not in relations.values():
            relations[f"_:{kind}{len(relations) + 1}"] = relation

    def finished(self) -> dict[str, Any]:
        return {
            "prefix": PREFIXES,
            "entity": self.entities,
            "activity": self._activities,
            "agent": self._agents,
            **self._relations,
        }


def _known(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None and value != ""}


def _type(name: str) -> dict[str, str]:
    return {"$": f"huyen:{name}", "type": "prov:QUALIFIED_NAME"}


def _time(text: str) -> dict[str, str]:
    return {"$": text, "type": "xsd:dateTime"}


def _address(url: str) -> dict[str, str]:
    return {"$": url, "type": "xsd:anyURI"}
