"""`huyen search` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stored_articles import seen, store

from archive.commands.context import CommandContext
from archive.commands.search import query_text, search
from archive.errors import ArchiveError, UsageError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("archive")
    text = "Tin được đăng lại trên nhiều cổng. " * 9
    store(
        root,
        [
            seen(
                "1", "Nghị quyết 35", "Bảo vệ nền tảng.", published_at="2021-01-14T08:35:02+07:00"
            ),
            seen("2", "Nghỉ lễ", "Có quyết định nghỉ.", site="vi-thuy", published_at="2023-04-30"),
            seen("3", "Tin chung", text, site="tho-xuan"),
            seen("4", "Tin chung", text, site="hoang-hoa"),
            seen("5", "Hội \x1b[2Jnghị", "Thôn nông."),
        ],
    )
    return root


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(search, arguments, obj=CommandContext(root))


def test_a_readable_list(root: Path) -> None:
    result = run(root, "nghị", "quyết")
    assert result.exit_code == 0
    assert result.stdout == (
        "2 articles, 1 of them as typed, for: nghị quyết\n"
        "\n"
        "1. «Nghị quyết» 35\n"
        "   Huyện Thọ Xuân · 2021-01-14 08:35 · article 1\n"
        "   https://thoxuan.example/1\n"
        "   Bảo vệ nền tảng.\n"
        "\n"
        "2. «Nghỉ» lễ\n"
        "   Huyện Vị Thủy · 2023-04-30 · article 2 · other diacritics\n"
        "   https://vithuy.example/2\n"
        "   Có «quyết» định «nghỉ».\n"
    )


def test_one_document_as_json(root: Path) -> None:
    result = run(root, "nghi quyet 35", "--json")
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert (document["query"], document["total"], document["approximate"]) == (
        "nghi quyet 35",
        1,
        False,
    )
    (hit,) = document["hits"]
    assert (hit["id"], hit["site"], hit["title"]) == (1, "tho-xuan", "Nghị quyết 35")
    assert hit["title_spans"] == [[0, 13]]
    assert (hit["published_at"], hit["exact"]) == ("2021-01-14T08:35:02+07:00", False)
    assert json.loads(run(root, "--json", "-o").stdout)["query"] == "-o"


def test_duplicates_paging_and_order(root: Path) -> None:
    result = run(root, "tin chung")
    assert "1 article for: tin chung" in result.stdout
    assert "and 1 more with the same text" in result.stdout
    result = run(root, "tu:2021", "--limit", "1", "--sort", "oldest")
    assert "1. Nghị quyết 35" in result.stdout
    assert "1–1 shown. More: --offset 1" in result.stdout
    result = run(root, "tu:2021", "--limit", "1", "--offset", "1", "--sort", "oldest")
    assert "2. Nghỉ lễ" in result.stdout
    assert "More" not in result.stdout
    assert "None after the first 9." in run(root, "tu:2021", "--offset", "9").stdout


def test_filters(root: Path) -> None:
    ids = {
        ("--site", "vi-thuy"): [2],
        ("--site", "vi-thuy", "--site", "tho-xuan"): [1, 2],
        ("--from", "2022"): [2],
        ("--to", "14/1/2021"): [1],
        ("--from", "2021-01", "--to", "4/2023"): [1, 2],
    }
    for options, expected in ids.items():
        document = json.loads(run(root, "ngh*", "-hoi", *options, "--json").stdout)
        assert sorted(hit["id"] for hit in document["hits"]) == expected, options


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x", "--site", "vi-thu"], "--site vi-thu: .*did you mean vi-thuy?"),
        (["x", "--site", "zzz"], "it has: hoang-hoa, tho-xuan, vi-thuy"),
        (["x", "--from", "hôm qua"], "--from hôm qua: not a date"),
        (["x", "--to", "31/2/2021"], "--to 31/2/2021: not a date"),
        (["x", "--from", "2022", "--to", "2021"], "--from 2022 is after --to 2021"),
        ([""], "the query is empty"),
        ([" ", "\t"], "the query is empty"),
    ],
)
def test_wrong_usage_is_one_clear_line(root: Path, arguments: list[str], message: str) -> None:
    error = run(root, *arguments).exception
    assert isinstance(error, UsageError)
    assert error.exit_status == 2
    assert "\n" not in str(error)
    with pytest.raises(UsageError, match=message):
        raise error


@pytest.mark.parametrize("arguments", [[], ["--limt", "3", "x"], ["x", "--sort", "best"]])
def test_wrong_options_are_wrong_usage(root: Path, arguments: list[str]) -> None:
    assert run(root, *arguments).exit_code == 2


def test_a_query_may_begin_with_a_dash(root: Path) -> None:
    assert json.loads(run(root, "-nghi", "--json").stdout)["total"] == 2
    assert json.loads(run(root, "-h", "-l", "--json").stdout)["total"] == 4
    assert json.loads(run(root, "--json", "--", "-nghi").stdout)["total"] == 2
    assert "Nothing found for: --nghia" in run(root, "--", "--nghia").stdout
    assert "Nothing found for: -" in run(root, "-").stdout


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        (["nghi quyet 35"], "nghi quyet 35"),
        (["nghi", "quyet"], "nghi quyet"),
        (["nong", "tho xuan"], 'nong "tho xuan"'),
        (["nong", "-hoi y"], 'nong -"hoi y"'),
        (["nong", "tac-gia:Lê An"], 'nong tac-gia:"Lê An"'),
        (["nong", 'a "b c"'], 'nong a "b c"'),
    ],
)
def test_quotation_marks_that_the_shell_took_come_back(arguments: list[str], query: str) -> None:
    assert query_text(tuple(arguments)) == query


def test_nothing_found_helps(root: Path) -> None:
    result = run(root, "nghị quyết zzz")
    assert result.exit_code == 0
    assert result.stdout == (
        "Nothing found for: nghị quyết zzz\n"
        "Other diacritics were tried as well.\n"
        "\n"
        "It would be found:\n"
        "  only “nghị”   2 articles\n"
        "  only “quyết”  2 articles\n"
    )
    assert "Try fewer words" in run(root, "zzz").stdout
    assert json.loads(run(root, "zzz", "--json").stdout)["hits"] == []


@pytest.mark.parametrize(
    "query", ['"', "*", "NEAR(", "a^b:", "(", "\ud800\udcff", "😀", "x" * 100_000]
)
def test_odd_input_is_no_error(root: Path, query: str) -> None:
    for options in ([], ["--json"]):
        result = run(root, query, *options)
        assert (result.exit_code, result.exception) == (0, None)


def test_notes_go_to_stderr(root: Path) -> None:
    result = run(root, "nghi site:khong-co")
    assert "note: there is no portal 'khong-co'" in result.stderr
    assert "note:" not in result.stdout


def test_a_portal_cannot_command_the_terminal(root: Path) -> None:
    result = run(root, "hoi")
    assert "\x1b" not in result.stdout
    assert "1 article" in result.stdout


def test_no_archive_is_one_clear_line(tmp_path: Path) -> None:
    error = run(tmp_path, "x").exception
    assert isinstance(error, ArchiveError)
    assert "There is no archive" in str(error)


def test_it_starts_without_loading_the_crawler(root: Path) -> None:
    program = (
        "import sys\n"
        "from crawler.command import group\n"
        f"sys.argv = ['huyen', '--archive', {str(root)!r}, 'search', 'nghi']\n"
        "group.main(sys.argv[1:], standalone_mode=False)\n"
        "group.main(['--archive', sys.argv[2], 'show', '1', '--provenance'], standalone_mode=False)\n"
        "loaded = {'scrapy', 'twisted', 'lxml', 'bs4'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nghị quyết 35" in done.stdout


def test_facets_stand_under_the_hits(root: Path) -> None:
    result = run(root, "nghị quyết", "--facets")
    assert result.exit_code == 0
    assert result.stdout.endswith(
        "\n"
        "Portals\n"
        "       1  Huyện Thọ Xuân (site:tho-xuan)\n"
        "       1  Huyện Vị Thủy (site:vi-thuy)\n"
        "Years\n"
        "       1  2021\n"
        "       1  2023\n"
    )


def test_facets_as_json(root: Path) -> None:
    document = json.loads(run(root, "nghi quyet", "--facets", "--json").stdout)
    assert document["facets"]["years"][0] == {"value": "2021", "label": "2021", "count": 1}
    assert document["facets"]["partial"] is False
    assert json.loads(run(root, "zzz", "--facets", "--json").stdout)["facets"] is None
    assert "facets" not in json.loads(run(root, "nghi", "--json").stdout)


def test_a_misspelt_query_is_respelt(root: Path) -> None:
    result = run(root, "nghj", "quyet")
    assert "Did you mean: nghi quyet\n" in result.stdout
