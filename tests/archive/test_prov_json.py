"""The provenance as W3C PROV-JSON, read by the library that others read it with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from prov.identifier import QualifiedName
from prov.model import ProvActivity, ProvAgent, ProvDocument, ProvEntity, ProvRecord
from stored_articles import START, Seen, seen, store

from archive.commands.context import CommandContext
from archive.commands.show import show
from archive.ingest import ArchiveWriter
from archive.schema import PageKind, Reading

FIRST = seen(
    "1",
    "Huyện “họp” \\ bàn",
    "Sáng nay, huyện họp.",
    author="Lê An",
    published_at="2021-01-14T08:35:02+07:00",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Seen twice, so the second capture is a revisit of the first's bytes; then read anew."""
    store(tmp_path, [FIRST])
    return tmp_path


def document_of(root: Path, *arguments: str) -> str:
    result = CliRunner().invoke(show, [*arguments, "--prov"], obj=CommandContext(root))
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def read(text: str) -> ProvDocument:
    return ProvDocument.deserialize(content=text, format="json")


def only(document: ProvDocument, kind: type[ProvRecord], name: str) -> ProvRecord:
    (record,) = [r for r in document.get_records(kind) if str(r.identifier).startswith(name)]
    return record


def value(record: ProvRecord, attribute: str) -> object:
    (found,) = [v for name, v in record.attributes if str(name) == attribute]
    return found


def test_the_version_says_where_in_the_page_its_fields_stand(root: Path) -> None:
    version = only(read(document_of(root, "1")), ProvEntity, "huyen:article/1/version/1")
    found = [str(v) for name, v in version.attributes if str(name) == "huyen:foundAt"]
    (title, body) = sorted(found, reverse=True)
    assert re.fullmatch(r"title: bytes 4-\d+ in h1", title)
    assert body.startswith("body_text: bytes ")


def test_the_library_reads_it_and_writes_the_same(root: Path) -> None:
    text = document_of(root, "1")
    document = read(text)
    again = json.loads(document.serialize(format="json") or "")
    assert read(json.dumps(again)) == document
    ours = json.loads(text)
    assert set(again) == set(ours)
    for kind, records in ours.items():
        assert len(again[kind]) == len(records), kind
    assert len(list(document.get_records(ProvEntity))) == len(ours["entity"])


def test_it_says_what_the_chain_says(root: Path) -> None:
    text = document_of(root, "1")
    document = read(text)
    version = only(document, ProvEntity, "huyen:article/1/version/1")
    assert value(version, "dcterms:title") == FIRST.article.title
    assert value(version, "dcterms:issued") == FIRST.article.published_at
    record = only(document, ProvEntity, "record:")
    chain = json.loads(
        CliRunner().invoke(show, ["1", "--provenance", "--json"], obj=CommandContext(root)).stdout
    )
    place = chain["capture"]["place"]
    assert isinstance(record.identifier, QualifiedName)
    assert f"<{record.identifier.uri}>" == place["record_id"]
    assert value(record, "prov:location") == place["file"]
    assert (value(record, "huyen:offset"), value(record, "huyen:length")) == (
        place["offset"],
        place["length"],
    )
    assert value(record, "huyen:payloadDigest") == chain["capture"]["payload_digest"]
    assert value(record, "huyen:checked") == "the stored bytes are the captured bytes"
    run = only(document, ProvActivity, "huyen:run/1")
    assert isinstance(run, ProvActivity)
    started = run.get_startTime()
    assert isinstance(started, datetime)
    assert started.date() == START.date()
    assert value(run, "prov:label") == "huyen crawl --full"
    labels = {str(value(agent, "prov:label")) for agent in document.get_records(ProvAgent)}
    assert labels == {"Huyện Thọ Xuân, Thanh Hóa", "test 1", chain["fetched_by"]["software"]}


def test_the_version_leads_to_the_bytes_and_on_to_the_portal(root: Path) -> None:
    document = json.loads(document_of(root, "1"))
    named = {kind: set(document[kind]) for kind in ("entity", "activity", "agent")}
    everything = set().union(*named.values())
    for kind, relations in document.items():
        if kind in ("prefix", *named):
            continue
        for relation in relations.values():
            for role, name in relation.items():
                assert role == "prov:time" or name in everything, (kind, role)
    derived = {
        r["prov:generatedEntity"]: r["prov:usedEntity"] for r in document["wasDerivedFrom"].values()
    }
    record = derived["huyen:article/1/version/1"]
    assert record.startswith("record:")
    assert document["entity"][derived[record]]["prov:location"]["$"] == FIRST.article.url
    attributed = {r["prov:entity"]: r["prov:agent"] for r in document["wasAttributedTo"].values()}
    assert attributed[derived[record]] == "huyen:portal/tho-xuan"


def test_a_revisit_derives_from_the_record_that_holds_its_bytes(root: Path) -> None:
    second = replace(FIRST.article, url="https://thoxuan.example/khac", author="Hà")
    store(root, [Seen(second)], START.replace(day=3))  # the same bytes under another address
    document = json.loads(document_of(root, "2"))
    records = {name: e for name, e in document["entity"].items() if name.startswith("record:")}
    kinds = {e["huyen:recordType"]: name for name, e in records.items()}
    assert set(kinds) == {"response", "revisit"}
    derived = [
        (r["prov:generatedEntity"], r["prov:usedEntity"])
        for r in document["wasDerivedFrom"].values()
    ]
    assert (kinds["revisit"], kinds["response"]) in derived
    assert ("huyen:article/2/version/1", kinds["response"]) in derived
    read(json.dumps(document))


def test_a_second_reading_names_both_runs(root: Path) -> None:
    better = replace(FIRST.article, author="Lê An (Đài TT)")
    with ArchiveWriter.open(root, "reextract") as writer:
        writer.record_reading(1, Reading(PageKind.ARTICLE, "test", "2", better))
    document = json.loads(document_of(root, "1"))
    assert set(document["activity"]) == {
        "huyen:run/1",
        "huyen:run/2",
        "huyen:article/1/version/2/extraction",
    }
    (informed,) = document["wasInformedBy"].values()
    assert informed["prov:informant"] == "huyen:run/2"
    read(json.dumps(document))


def test_what_is_damaged_is_said_and_is_exit_status_1(root: Path) -> None:
    (warc,) = root.glob("warc/*/*.warc.gz")
    warc.write_bytes(warc.read_bytes()[:200])
    arguments = ["--archive", str(root), "show", "1", "--prov"]
    done = subprocess.run(
        [sys.executable, "-m", "crawler.command", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    record = only(read(done.stdout), ProvEntity, "record:")
    assert "cannot be read" in str(value(record, "huyen:checked"))
