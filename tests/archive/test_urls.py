"""One page, one key; different pages, different keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.urls import canonical_url, host_of, url_key

SAME = [
    ("http://krongno.daknong.gov.vn/tin-tuc", "https://www.KrongNo.daknong.gov.vn:443/tin-tuc/"),
    ("http://a.gov.vn", "http://a.gov.vn:80/Default.aspx"),
    ("http://a.gov.vn/x?b=2&a=1", "http://a.gov.vn/x?a=1&b=2#cuoi"),
    ("http://a.gov.vn/x?A=1", "http://a.gov.vn/x?a=1&utm_source=zalo&fbclid=I0"),
    (
        "http://a.gov.vn/tin/lists/posts/post.aspx?CategoryId=9&ItemID=220&PublishedDate=2018-05-02 10:15:00",
        "http://a.gov.vn:80/tin/Lists/Posts/Post.aspx?ItemId=220&CategoryId=9&PublishedDate=2018-05-02T10:15:00Z",
    ),
    ("http://a.gov.vn/tin;jsessionid=0A1B?x=1", "http://a.gov.vn/tin?x=1"),
    ("http://a.gov.vn/(S(abc123))/Tin.aspx", "http://a.gov.vn/tin.aspx"),
    ("http://a.gov.vn/đường", "http://a.gov.vn/%C4%91%C6%B0%E1%BB%9Dng"),
    ("http://a.gov.vn/%7Ean/%2d", "http://a.gov.vn/~an/-"),
    ("http://a.gov.vn/a/./b/../c", "http://a.gov.vn/a/c"),
    ("http://a.gov.vn/documents/1/2/x.pdf?t=1658804544379", "http://a.gov.vn/documents/1/2/x.pdf"),
    ("http://a.gov.vn/tin-950942?pageindex=0", "http://a.gov.vn/tin-950942"),
]
DIFFERENT = [
    ("http://a.gov.vn/x?page=2", "http://a.gov.vn/x?page=3"),
    ("http://a.gov.vn/x", "http://b.gov.vn/x"),
    ("http://a.gov.vn/x?id=1", "http://a.gov.vn/x?id=2"),
    ("http://a.gov.vn/X", "http://a.gov.vn/x"),
    ("http://a.gov.vn:8080/x", "http://a.gov.vn/x"),
    ("http://a.gov.vn/a%2Fb", "http://a.gov.vn/a/b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_page_has_one_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_key_has_surt_form() -> None:
    assert url_key("http://krongno.daknong.gov.vn/tin?b=1") == "vn,gov,daknong,krongno)/tin?b=1"


@pytest.mark.parametrize(
    "url", ["", "tin-tuc", "javascript:void(0)", "ftp://a/b", "http://", "http://[::1"]
)
def test_not_a_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_url(url)


def test_campaign_tags_are_not_part_of_an_address() -> None:
    address = "http://a.gov.vn/x?utm_source=zalo&b=2&fbclid=Iw&a=1"
    assert canonical_url(address) == "http://a.gov.vn/x?b=2&a=1"
    assert canonical_url("http://a.gov.vn/x?gclid=1") == "http://a.gov.vn/x"


def test_raw_spaces_and_vietnamese_are_escaped_and_escapes_kept() -> None:
    assert (
        canonical_url("http://a.gov.vn/ảnh (1).jpg?d=2018-05-02 10:15&x=%20%e1")
        == "http://a.gov.vn/%E1%BA%A3nh%20(1).jpg?d=2018-05-02%2010:15&x=%20%E1"
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_canonical_is_a_fixed_point_and_keeps_the_key(path: str, query: str) -> None:
    url = "http://a.gov.vn/" + path.replace("#", "") + "?" + query.replace("#", "")
    try:
        canonical = canonical_url(url)
    except ValueError:
        return
    assert canonical_url(canonical) == canonical
    assert url_key(canonical) == url_key(url)
    assert canonical.isascii()


def test_host_of_strange_input_is_empty() -> None:
    assert host_of("http://[::1") == ""
    assert host_of("HTTP://A.gov.VN./x") == "a.gov.vn"
