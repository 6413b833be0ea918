"""Every stored page of every site reads as a person agreed that it should: one test a field.

A failure reads ``tho-xuan/article-1 @ published_at``. Fixtures come from `huyen sites add`, see
docs/adding-a-portal.md. Those in this repository are of the replica portals, because the pages of
real portals are not ours to publish.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive.schema import PageKind
from crawler.page_reader import PageReader
from crawler.replica import SITES_FILE as REPLICA_SITES
from crawler.sites import DEFAULT_SITES_FILE, Site, load_sites
from crawler.spider_loader import spider_class
from crawler.survey.fixtures import LISTING, Fixture, load_fixtures, problems, said

FOLDER = Path(__file__).parents[1] / "fixtures"
FIXTURES = load_fixtures(FOLDER)
SITES = [*load_sites(DEFAULT_SITES_FILE).values(), *load_sites(REPLICA_SITES).values()]
FIELDS = [
    (slug, page, field)
    for slug, fixture in FIXTURES.items()
    for page, expected in fixture.expected.items()
    for field in expected
]


def site_of(fixture: Fixture) -> Site:
    """Its site by slug and address: a replica has the slug of the portal that it imitates."""
    for site in SITES:
        if (site.slug, site.home) == (fixture.site, fixture.home):
            return site
    pytest.fail(f"{fixture.folder}: no sites file has [{fixture.site}] with home {fixture.home}")


@cache
def read(slug: str, page: str) -> dict[str, Any]:
    fixture = FIXTURES[slug]
    site = site_of(fixture)
    reader = PageReader(site.home, spider_class(site).read)
    return said(page, fixture.page(page), reader.read)


@pytest.mark.parametrize(
    ("slug", "page", "field"),
    FIELDS,
    ids=[f"{slug}/{page} @ {field}" for slug, page, field in FIELDS],
)
def test_a_stored_page_says(slug: str, page: str, field: str) -> None:
    assert read(slug, page).get(field) == FIXTURES[slug].expected[page][field]


@pytest.mark.parametrize("slug", FIXTURES)
def test_a_person_has_reviewed_what_is_expected(slug: str) -> None:
    found = problems(FIXTURES[slug])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("slug", FIXTURES)
def test_nothing_is_read_that_is_not_expected(slug: str) -> None:
    fixture = FIXTURES[slug]
    for page in fixture.pages:
        assert set(read(slug, page.name)) == set(fixture.expected[page.name]), page.name


@pytest.mark.parametrize("slug", FIXTURES)
def test_a_fixture_belongs_to_a_site_and_its_folder(slug: str) -> None:
    fixture = FIXTURES[slug]
    assert fixture.folder.name == fixture.site
    assert site_of(fixture).slug == slug


@pytest.mark.parametrize("slug", FIXTURES)
def test_listed_articles_are_read_with_the_title_and_day_that_the_list_prints(slug: str) -> None:
    """What two pages say of one article, whoever wrote the expectations down."""
    entries = {entry["url"]: entry for entry in FIXTURES[slug].expected[LISTING]["entries"]}
    compared = 0
    for page in FIXTURES[slug].pages:
        got = read(slug, page.name)
        if page.name != LISTING and page.url in entries:
            compared += 1
            assert got["kind"] == PageKind.ARTICLE
            assert got["title"] == entries[page.url]["title"]
            assert got["published_at"][:10] == entries[page.url]["date"][:10]
    assert compared


def test_every_fixture_on_disk_is_tested() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders == set(FIXTURES)
    assert FIXTURES, "huyen sites add makes one"


def test_every_spider_file_belongs_to_a_site() -> None:
    spiders = Path(__file__).parents[2] / "crawler" / "spiders"
    files = {path.stem.replace("_", "-") for path in spiders.glob("[!_]*.py")}
    assert files <= {site.slug for site in SITES}
