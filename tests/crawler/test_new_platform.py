"""A portal changes its platform between two crawls: every address and all markup are others, and every
article is still the article that it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from running import huyen, one, rows

from crawler.replica import PortalServer, Response, truth
from crawler.replica.markup.tandan import HoangHoa
from crawler.replica.markup.thanhhoa_web import ThoXuan

HOST = ThoXuan.host
_NAMES = (("Hoằng Hóa", "Thọ Xuân"), ("HOẰNG HÓA", "THỌ XUÂN"))
_LED = 2  # every second old address leads to the new one, the others are not found


class Rebuilt(HoangHoa):
    """What Thọ Xuân published, by the platform of Hoằng Hóa."""

    slug = ThoXuan.slug
    host = HOST

    def __init__(self) -> None:
        super().__init__()
        new = {p.story.number: p.paths[0] for p in self.publications}
        self.leading = {
            publication.paths[0]: new[publication.story.number]
            for publication in ThoXuan().publications
            if publication.story.number % _LED == 0
        }

    def html(self, text: str, status: int = 200, **headers: str) -> Response:
        for old, new in _NAMES:
            text = text.replace(old, new)
        return super().html(text, status, **headers)

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        if path in self.leading:
            return Response(301, {"Location": self.leading[path]})
        return super().respond(path, headers)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redesign")
    sites = folder / "sites.toml"
    sites.write_text(
        f'[tho-xuan]\nname = "Huyện Thọ Xuân"\nprovince = "Thanh Hóa"\nhome = "http://{HOST}/"\n'
        "pace = { delay = 0.0 }\n",
        encoding="utf-8",
    )
    for portal in (ThoXuan(), Rebuilt()):
        with PortalServer({HOST: portal}) as server:
            done = huyen(
                "crawl", "--full", archive=folder / "archive", sites=sites, proxy=server.proxy_url
            )
            # A changed layout is told (3), and nothing fails.
            assert done.returncode in {0, 3}, done.stderr
    return folder / "archive"


def test_no_article_is_new_and_none_is_edited(archive: Path) -> None:
    assert one(archive, "SELECT count(*) FROM articles") == len(truth(ThoXuan()))
    causes = {
        row[0]: row[1] for row in rows(archive, "SELECT cause, count(*) FROM version GROUP BY 1")
    }
    assert set(causes) == {"first", "redesign"}
    assert causes["redesign"] > 40


def test_every_article_has_its_old_and_its_new_address(archive: Path) -> None:
    new = {p.story.title: p.paths[0] for p in Rebuilt().publications}
    for article in truth(ThoXuan()):
        found = rows(
            archive,
            "SELECT a.url, a.status, a.missing_since, u.url AS other FROM article a "
            "JOIN article_url u ON u.article_id = a.id JOIN version v ON v.id = a.version_id "
            "WHERE v.title = ? AND v.published_at >= ? AND v.published_at < ?",
            article.title,
            article.published_at[:10],
            article.published_at[:10] + "Z",
        )
        known = {row["other"] for row in found}
        assert article.url in known
        assert {row["url"] for row in found} <= known
        assert all("/portal/Pages/" in row["url"] for row in found), article.title
        assert {(row["status"], row["missing_since"]) for row in found} == {("current", None)}
        assert new[article.title].split("/")[-1] in " ".join(known)


def test_the_history_tells_it(archive: Path) -> None:
    article = one(archive, "SELECT article_id FROM version WHERE cause = 'redesign' LIMIT 1")
    done = huyen("show", str(article), "--versions", "--json", archive=archive)
    events = [event["what"] for event in json.loads(done.stdout)["events"]]
    assert events == ["first", "address", "redesign", "last"]
    assert huyen("verify", archive=archive).returncode == 0
