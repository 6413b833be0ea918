"""The interface for programs: strict, paged, and what its description says it is."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import judges
import pytest
from read_archive import DAY, FIRST, HOME, Ids, Server, fill, serving

EXAMPLES = 40  # of each operation; HUYEN_SCHEMATHESIS_EXAMPLES for more


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ids]:
    root = tmp_path_factory.mktemp("archive")
    return root, fill(root)


@pytest.fixture(scope="module")
def server(archive: tuple[Path, Ids]) -> Iterator[Server]:
    with serving(archive[0]) as server:
        yield server


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    """Requests made from the description, valid and invalid ones, and answers held against it: status,
    media type, every field. Always the same requests."""
    examples = os.environ.get("HUYEN_SCHEMATHESIS_EXAMPLES", str(EXAMPLES))
    report = judges.accept(
        judges.judge("schemathesis", "schemathesis"), "run", f"{server.address}/api/openapi.json",
        "--max-examples", examples, "--generation-deterministic", "--no-color",
        cwd=tmp_path,
    )  # fmt: skip
    assert "Operations:       4 selected / 4 total" in report
    assert "No issues found" in report


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("search?sort=upwards", "sort"), ("search?page=0", "page"), ("search?page=501", "page"),
        ("search?limit=101", "limit"), ("search?limit=ten", "limit"), ("search?files=yes", "files"),
        ("search?limit=1&limit=2", "limit"), ("search?q=" + "a" * 2001, "q"),
        ("search?" + "&".join(f"site=s{n}" for n in range(21)), "site"),
        ("files", "q"), ("files?q=", "q"), ("files?q=a&limit=0", "limit"), ("files?q=a&q=b", "q"),
        ("articles/1?version=0", "version"), ("articles/1?version=x", "version"),
        ("captures", "url"), ("captures?url=", "url"), ("captures?url=a.example&page=-1", "page"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(server: Server, query: str, parameter: str) -> None:
    answer = server.get(f"/api/{query}")
    assert answer.status == 400
    assert json.loads(answer.text) == {"error": "bad request", "parameter": parameter}


def test_captures_are_paged_and_a_page_stays_what_it_is(server: Server) -> None:
    first = json.loads(server.get(f"/api/captures?url={FIRST.url}&limit=1").text)
    assert (first["total"], first["page"], first["limit"]) == (2, 1, 1)
    assert first["captures"][0]["fetched_at"].startswith(f"{DAY:%Y-%m-%d}")
    second = json.loads(server.get(first["next"].removeprefix(server.address)).text)
    assert second["next"] is None
    assert second["captures"][0]["id"] > first["captures"][0]["id"]
    for capture in (*first["captures"], *second["captures"]):
        for link in ("replay", "record"):
            assert server.get(capture[link].removeprefix(server.address)).status == 200


@pytest.mark.parametrize(
    "url", ["%00", "http://[", "javascript:x", "khong-co.example", "%ED%A0%80"]
)
def test_an_address_that_cannot_be_was_never_captured(server: Server, url: str) -> None:
    answer = server.get(f"/api/captures?url={url}")
    assert answer.status == 200
    assert json.loads(answer.text)["captures"] == []


def test_entity_tags(server: Server, archive: tuple[Path, Ids]) -> None:
    for path in (
        "/api/search?q=huyen", "/api/files?q=huyen", f"/api/articles/{archive[1].first}", f"/api/captures?url={HOME}/",
        "/api/openapi.json",
    ):  # fmt: skip
        tag = server.get(path).headers["etag"]
        assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            again = server.get(path, if_none_match=known)
            assert (again.status, again.body) == (304, b""), path
        assert server.get(path, if_none_match='"other"').status == 200
