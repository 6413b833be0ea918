"""Datasette itself, run as docs/archive.md says, over an archive in which something is withheld."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from similar_texts import edited, prose
from stored_articles import START, Seen, seen, store, store_missing

from archive.database import open_for_reading, open_for_writing, transaction
from archive.schema import Attachment
from archive.withholding import withhold

REPOSITORY = Path(__file__).parents[2]
DEFAULTS = REPOSITORY / "archive" / "datasette"
METADATA = json.loads((DEFAULTS / "metadata.json").read_text(encoding="utf-8"))["databases"][
    "archive"
]
# Views that say what is withheld, and one that others are made of.
CLOSED = {"withheld_capture", "withheld_version", "attachment_place"}
DATASETTE = shutil.which("datasette", path=str(Path(sys.executable).parent))
SECRET = "Nguyễn Văn Giấu"

pytestmark = pytest.mark.skipif(DATASETTE is None, reason="Datasette is not installed: [datasette]")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    first = seen(
        "1",
        "Nghị quyết 35",
        prose(1),
        published_at="2021-03-05",
        attachments=(Attachment("https://thoxuan.example/a.PDF", "Toàn văn"),),
    )
    store(root, [first, seen("1", "Nghị quyết 35", edited(prose(1), 60), "hoang-hoa")])
    store(root, [seen("2", "Giữ lại", f"{SECRET} {prose(2)}")])
    store(root, [seen("1", "Nghị quyết 35 (sửa)", SECRET)], START.replace(day=3))
    store(root, [seen("1", "Nghị quyết 35", prose(3))], START.replace(day=4))
    for day in (6, 7):
        store_missing(root, Seen(first.article), START.replace(day=day))
    with closing(open_for_writing(root)) as connection, transaction(connection):
        facts = {"reason": "r", "person": "p", "now": "2026-11-04T00:00:00.000000Z"}
        withhold(connection, 3, (), **facts)
        withhold(connection, 1, (2,), **facts)
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    """Of Datasette, started with the very command of the documentation."""
    documented = re.search(
        r"^```\n(datasette data/archive\.db(?:.*\\\n)*.*)\n```$",
        (REPOSITORY / "docs" / "archive.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert documented is not None
    words = shlex.split(documented[1].replace("\\\n", " "))
    assert words[:2] == ["datasette", "data/archive.db"]
    line = [str(DATASETTE), str(root / "archive.db"), *words[2:], "--port", "0"]
    with subprocess.Popen(line, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for printed in process.stderr:
            said.append(printed)
            if found := re.search(r"running on (http://[\d.:]+)", printed):
                yield found[1]
                break
        else:
            pytest.fail("".join(said))
        process.terminate()
        process.stderr.read()


def get(address: str, path: str, **query: str) -> tuple[int, str]:
    url = f"{address}{quote(path)}" + (f"?{urlencode(query)}" if query else "")
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def rows(address: str, path: str, **query: str) -> list[dict[str, Any]]:
    status, text = get(address, f"/archive/{path}.json", _shape="array", **query)
    assert status == 200, text
    found: list[dict[str, Any]] = json.loads(text)
    return found


def schema(root: Path, kind: str) -> set[str]:
    with closing(open_for_reading(root)) as connection:
        sql = "SELECT name FROM sqlite_schema WHERE type = ?"
        return {name for (name,) in connection.execute(sql, (kind,))}


def test_every_view_for_people_is_described_and_open(root: Path, address: str) -> None:
    spec = importlib.util.spec_from_file_location("only_views", DEFAULTS / "plugins/only_views.py")
    assert spec is not None
    assert spec.loader is not None
    plugin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    views = schema(root, "view") - CLOSED
    assert plugin.VIEWS == views == set(METADATA["tables"])
    for view, facts in METADATA["tables"].items():
        status, page = get(address, f"/archive/{view}")
        assert status == 200
        assert facts["description"] in page
        columns = rows(address, view, _size="1")
        named = {*facts.get("columns", ()), *facts.get("facets", ())}
        assert not columns or named <= set(columns[0])
    document = json.loads(get(address, "/archive.json")[1])
    assert {view["name"] for view in document["views"]} == views
    assert document["tables"] == []


def test_the_tables_behind_and_free_sql_are_closed(root: Path, address: str) -> None:
    for table in (*schema(root, "table"), *CLOSED):
        assert get(address, f"/archive/{table}.json")[0] == 403
    assert get(address, "/archive.json", sql="SELECT * FROM version")[0] == 403
    assert get(address, "/archive/articles.json", _where="1=1")[0] == 403
    assert get(address, "/archive.db")[0] in {403, 404}


def test_what_is_withheld_is_on_no_page(address: str) -> None:
    pages = ["/", "/archive", *(f"/archive/{view}" for view in METADATA["tables"])]
    for path in pages:
        status, page = get(address, path)
        assert status == 200
        assert SECRET not in page
    everything = "".join(get(address, f"{path}.csv", _size="max")[1] for path in pages[2:])
    assert SECRET not in everything
    assert "Nghị quyết 35" in everything


def test_the_queries_answer(address: str) -> None:
    published = rows(address, "of-a-body", body="huyen-hoang-hoa")
    assert published == []  # its home is another host than that of the article
    served = rows(
        address, "of-a-host", host="thoxuan.example", until="2026-11-04", **{"from": "2026-11-03"}
    )
    assert [row["url"] for row in served] == ["https://thoxuan.example/1"]
    edits = rows(address, "edits", site="tho-xuan")
    assert [(row["article_id"], row["number"]) for row in edits] == [(1, 3)]
    assert rows(address, "edits", site="vi-thuy") == []
    gone = rows(address, "disappeared")
    assert [(row["article_id"], row["until"]) for row in gone] == [(1, None)]
    assert [row["articles"] for row in rows(address, "by-year")] == [1, 1]
    files = rows(address, "attachments-by-type", ending="pdf")
    assert files == []  # the version that had it is not the current one
    for name in METADATA["queries"]:
        assert rows(address, name) is not None
