"""The other extractors of benchmarks.extraction, run by an interpreter that has them.

    PYTHON extraction_peers.py SAMPLES.json ROUNDS

Prints a JSON list of runs: name, seconds of CPU time, and title, date and body for every sample.
Extractors that are not installed are left out.
"""

import importlib.util
import json
import sys
import time
from pathlib import Path


def trafilatura_fast(url: str, body: bytes) -> list[str]:
    from trafilatura import bare_extraction

    made = bare_extraction(body, url=url, fast=True, with_metadata=True, include_comments=False)
    if made is None:
        return ["", "", ""]
    return [made.title or "", made.date or "", made.text or ""]


def newspaper(url: str, body: bytes) -> list[str]:
    from newspaper import Article

    article = Article(url, language="vi")
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    date = article.publish_date
    return [article.title or "", date.date().isoformat() if date else "", article.text or ""]


def resiliparse(url: str, body: bytes) -> list[str]:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse_from_bytes(body, "utf-8")
    return [tree.title or "", "", extract_plain_text(tree, main_content=True)]


PEERS = {
    "trafilatura (fast)": ("trafilatura", trafilatura_fast),
    "newspaper4k": ("newspaper", newspaper),
    "resiliparse": ("resiliparse", resiliparse),
}


def main() -> None:
    samples = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    pages = [(sample["url"], Path(sample["path"]).read_bytes()) for sample in samples]
    runs = []
    for name, (module, extract) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            continue
        extract(*pages[0])  # imports
        best, results = float("inf"), []
        for _ in range(int(sys.argv[2])):
            begun = time.process_time()
            results = [extract(url, body) for url, body in pages]
            best = min(best, time.process_time() - begun)
        runs.append({"name": name, "seconds": best, "results": results})
    print(json.dumps(runs))


if __name__ == "__main__":
    main()
