"""Whatever the extractors read from the fixtures stands in the page, at bytes that can be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.field_places import field_places
from crawler.page_reader import PageReader
from crawler.replica import SITES_FILE
from crawler.sites import load_sites
from crawler.spider_loader import spider_class
from crawler.survey.fixtures import load_fixtures

FIXTURES = load_fixtures(Path(__file__).parents[1] / "fixtures")
SITES = load_sites(SITES_FILE)


@pytest.mark.parametrize("slug", sorted(FIXTURES.keys() & SITES.keys()))
def test_every_field_of_every_article_is_found(slug: str) -> None:
    fixture = FIXTURES[slug]
    reader = PageReader(SITES[slug].home, spider_class(SITES[slug]).read)
    articles = 0
    for stored in fixture.pages:
        page = fixture.page(stored.name)
        article = reader.read(page).article
        if article is None:
            continue
        articles += 1
        places = field_places(page.body, page.content_type, page.url, article)
        assert {"title", "body_text"} <= {place.field for place in places}
        missing = [place.field for place in places if not place.found]
        assert missing == [], stored.name
    assert articles >= 3
