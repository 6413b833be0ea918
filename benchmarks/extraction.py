"""What reading a page costs, and how well it is done, beside other extractors on the same pages.

Pages: articles of the replica portals, whose truth is known, with their menus repeated until a page
has 95 KB, as real ones have; and, with ``--krong-no`` and ``--gold``, the pages of a saved portal with
expectations made by hand. CPU time, the best of several rounds, extractors in turns.

    python -m benchmarks.extraction [--krong-no DIR --gold FILE] [--peers PYTHON] [--rounds N]

The peers need an environment of their own (their pins conflict with the lock):

    python -m venv /tmp/peers && /tmp/peers/bin/pip install trafilatura newspaper4k resiliparse lxml_html_clean
    python -m benchmarks.extraction --peers /tmp/peers/bin/python

FILE is a JSON list of objects with ``file`` (below DIR), ``url``, ``kind`` (``article`` is used),
``title``, ``published_at``, ``body`` (empty where the page has none).
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archive.schema import Reading
from archive.vietnamese import fold
from benchmarks.surroundings import print_surroundings, print_table
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.platforms import generic
from crawler.replica import build_portals, truth

_HTML = "text/html; charset=utf-8"
_SIZE = 95_000  # bytes
_SOME_BODY = 80  # characters: shorter is no invented body


@dataclass(frozen=True, slots=True)
class Sample:
    """A page and what stands on it. ``body`` is empty where the page has none."""

    portal: str
    url: str
    path: str
    title: str
    published_at: str
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    """What an extractor made of a page; fields that it has not are empty."""

    title: str
    published_at: str
    body: str


@dataclass(frozen=True, slots=True)
class Run:
    """An extractor on all samples of one portal, in their order."""

    name: str
    seconds: float
    results: list[Result]


def main() -> None:
    arguments = _arguments()
    print_surroundings("lxml")
    with tempfile.TemporaryDirectory() as folder:
        samples = [*_replicas(Path(folder))]
        if arguments.gold and arguments.krong_no:
            samples += _saved(Path(arguments.krong_no), Path(arguments.gold))
        cost: list[list[object]] = []
        quality: list[list[object]] = []
        for portal in dict.fromkeys(sample.portal for sample in samples):
            own = [sample for sample in samples if sample.portal == portal]
            runs = [*_ours(own, arguments.rounds)]
            if arguments.peers:
                runs += _peers(arguments.peers, own, arguments.rounds, Path(folder))
            cost += _cost_rows(portal, own, runs)
            quality += [_quality_row(portal, own, run) for run in runs if run.results]
    print_table(("portal", "pages", "mean KB", "extractor", "ms a page", "pages a CPU-second", "× trafilatura"), cost)  # fmt: skip
    print_table(("portal", "extractor", "title exact", "date right", "date wrong", "body F1, mean", "body F1, worst tenth", "body invented"), quality)  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--krong-no", metavar="DIR", help="an unpacked saved portal")
    parser.add_argument("--gold", metavar="FILE", help="what stands on its pages")
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has the peers")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


# -- pages --------------------------------------------------------------------------------------


def _replicas(folder: Path) -> Iterator[Sample]:
    for host, portal in build_portals().items():
        for number, printed in enumerate(truth(portal)):
            answer = portal.respond(urlsplit(printed.url).path, {})
            assert isinstance(answer.body, bytes)
            path = folder / f"{host}-{number}.html"
            path.write_bytes(_grown(answer.body))
            yield Sample(
                host, printed.url, str(path), printed.title, printed.published_at, printed.text
            )


def _grown(body: bytes) -> bytes:
    """The page with the scripts and the nested menus that give a real page its size."""
    head, end, tail = body.rpartition(b"</body>")
    missing = max(0, _SIZE - len(body))
    script = (
        b"<script>"
        + b"function a(b){if(b.c>0){return b.d+1}}\n" * (missing // 2 // 40)
        + b"</script>"
    )
    menu: list[bytes] = []
    size = len(script)
    while size < missing:
        menu.append(_MENU_ENTRY.format(len(menu)).encode())
        size += len(menu[-1])
    return (
        head + script + b'<div class="sitemap"><ul>' + b"".join(menu) + b"</ul></div>" + end + tail
    )


_MENU_ENTRY = (
    '<li class="static dynamic-children level-2"><table cellspacing="0" cellpadding="0" border="0"><tr><td nowrap="nowrap">'
    '<a class="static dynamic-children menu-item" tabindex="-1" href="/muc/Pages/chuyen-muc-{0}.aspx" style="border-style:none;font-size:1em">'
    '<span class="additional-background"><span class="menu-item-text">Chuyên mục số {0}</span></span></a></td></tr></table></li>'
)


def _saved(portal: Path, gold: Path) -> list[Sample]:
    return [
        Sample(
            portal.name,
            entry["url"],
            str(portal / entry["file"]),
            entry["title"],
            entry["published_at"] or "",
            entry["body"] or "",
        )
        for entry in json.loads(gold.read_text(encoding="utf-8"))
        if entry["kind"] == "article"
    ]


# -- extractors ---------------------------------------------------------------------------------


def _ours(samples: Sequence[Sample], rounds: int) -> Iterator[Run]:
    bodies = [(sample.url, Path(sample.path).read_bytes()) for sample in samples]

    def timed(read: Callable[[Page], object]) -> tuple[float, list[object]]:
        best, made = float("inf"), []
        for _ in range(rounds):
            _forget_lines()
            begun = time.process_time()
            # No page outlives its reading, as in a crawl.
            made = [read(Page.from_http(url, 200, _HTML, body)) for url, body in bodies]
            best = min(best, time.process_time() - begun)
        return best, made

    seconds, _ = timed(lambda page: len(page.tree))
    yield Run("(lxml: the tree alone)", seconds, [])
    for name, read in (("huyen, by platform", read_page), ("huyen, generic", generic.read_article)):
        seconds, made = timed(read)
        yield Run(name, seconds, [_result(reading) for reading in made])


def _forget_lines() -> None:
    """Empties what is remembered of lines, since a crawl does not read the same pages again."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("crawler.", "archive.")):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def _result(reading: object) -> Result:
    assert isinstance(reading, Reading)
    article = reading.article
    if article is None:
        return Result("", "", "")
    text = "\n".join(filter(None, (article.summary, article.body_text)))
    return Result(article.title, article.published_at or "", text)


def _peers(python: str, samples: Sequence[Sample], rounds: int, folder: Path) -> list[Run]:
    asked = folder / "peers.json"
    asked.write_text(json.dumps([asdict(sample) for sample in samples]), encoding="utf-8")
    program = Path(__file__).with_name("extraction_peers.py")
    done = subprocess.run(
        [python, "-W", "ignore", str(program), str(asked), str(rounds)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        Run(run["name"], run["seconds"], [Result(*made) for made in run["results"]])
        for run in json.loads(done.stdout)
    ]


# -- tables -------------------------------------------------------------------------------------


def _cost_rows(portal: str, samples: Sequence[Sample], runs: Sequence[Run]) -> list[list[object]]:
    size = statistics.mean(Path(sample.path).stat().st_size for sample in samples) / 1000
    peer = next((run.seconds for run in runs if run.name.startswith("trafilatura")), None)
    return [
        [
            portal,
            len(samples),
            f"{size:.0f}",
            run.name,
            f"{run.seconds / len(samples) * 1000:.2f}",
            f"{len(samples) / run.seconds:.0f}",
            f"{peer / run.seconds:.1f}" if peer else "",
        ]
        for run in runs
    ]


def _quality_row(portal: str, samples: Sequence[Sample], run: Run) -> list[object]:
    pairs = list(zip(samples, run.results, strict=True))
    dated = [(s, r) for s, r in pairs if s.published_at]
    right = sum(r.published_at[:10] == s.published_at[:10] for s, r in dated)
    wrong = sum(
        bool(r.published_at) and r.published_at[:10] != s.published_at[:10] for s, r in dated
    )
    scores = sorted(f1(s.body, r.body) for s, r in pairs if s.body)
    tenth = scores[: max(1, len(scores) // 10)]
    empty = [r for s, r in pairs if not s.body]
    invented = sum(len(r.body) >= _SOME_BODY for r in empty)
    return [
        portal,
        run.name,
        _share(sum(r.title == s.title for s, r in pairs), len(pairs)),
        _share(right, len(dated)),
        _share(wrong, len(dated)),
        f"{statistics.mean(scores):.3f}",
        f"{statistics.mean(tenth):.3f}",
        f"{invented} of {len(empty)}" if empty else "-",
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def f1(expected: str, found: str) -> float:
    """F1 of the folded words of two texts, as multisets."""
    one, two = (Counter(re.findall(r"\w+", fold(text))) for text in (expected, found))
    common = sum((one & two).values())
    return 2 * common / (one.total() + two.total()) if common else 0.0


if __name__ == "__main__":
    main()
