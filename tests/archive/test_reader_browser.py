"""The reader in a real Chromium: what a person does with it, and what an archived page cannot do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from read_archive import FIRST, HOSTILE, SECRET, XSS, Ids, Server, fill, serving

from archive.reader.passwords import set_password

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

if CHROMIUM is None and os.environ.get("HUYEN_JUDGES") != "required":
    pytest.skip("no Chromium here (Debian: apt install chromium)", allow_module_level=True)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ids]:
    root = tmp_path_factory.mktemp("archive")
    return root, fill(root)


PASSWORD = "mật khẩu rất dài"


@pytest.fixture(scope="module")
def server(archive: tuple[Path, Ids], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    staff = tmp_path_factory.mktemp("auth") / "staff"
    set_password(staff, "thu-thu", PASSWORD)
    with serving(archive[0], "--auth-file", str(staff)) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "no Chromium here (Debian: apt install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update",
                  "--disable-sync"],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1100, "height": 800}) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


def test_search_open_compare_check_cite(server: Server, page: Page) -> None:
    page.goto(server.address)
    page.wait_for_function("document.activeElement.id === 'q'")
    page.keyboard.type("nghi quyet 35 site:tho-xuan")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("Nghị quyết 35")
    page.get_by_role("link", name="Huyện triển khai Nghị quyết 35").first.click()
    expect(page.locator("h1")).to_have_text(FIRST.title)
    picture = page.locator("figure img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('figure img').naturalWidth === 1")
    page.get_by_role("link", name="Khác biệt").click()
    expect(page.locator("ins")).to_contain_text("20")
    page.get_by_label("Cách trình bày").select_option("side")
    page.get_by_role("button", name="So sánh").click()
    expect(page.locator(".sides")).to_have_count(1)
    page.get_by_role("link", name="Nguồn gốc").click()
    page.get_by_role("button", name="Kiểm tra lại byte ngay").click()
    expect(page.get_by_role("status")).to_contain_text("byte trong kho đúng là byte đã lưu")
    page.get_by_role("link", name="Trích dẫn").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải BibTeX").click()
    assert download.value.suggested_filename == "tho-xuan-1-v2.bib"


def test_in_english_on_a_phone(server: Server, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True) as context:
        page = context.new_page()
        page.goto(server.address)
        page.get_by_role("link", name="English").tap()
        page.get_by_label("Search the archive").fill("nghi quyet")
        page.get_by_role("button", name="Search").tap()
        expect(page.locator(".summary")).to_contain_text("1 article")
        assert page.locator("html").get_attribute("lang") == "en"
        page.locator(".hits h2 a").first.tap()
        expect(page.locator("h1")).to_have_text(FIRST.title)
        page.goto(f"{server.address}/article/1?lang=en")
        page.get_by_role("link", name="Differences").tap()
        expect(page.locator("ins")).to_contain_text("20")
        page.get_by_role("link", name="See the page as it was").tap()
        expect(page.locator(".banner")).to_contain_text("Captured 2024-03-06 01:00 UTC")
        for path in ("/search?q=huyen", "/article/1", "/article/1/provenance", "/portals", "/",
                     "/article/1/differences?view=side", "/health", "/health?site=xau", "/article/1/cite", "/changes",
                     "/article/1/versions", "/portals/tho-xuan", "/record/6", "/api",
                     f"/web/20240305010000/{FIRST.url}"):  # fmt: skip
            page.goto(server.address + path)
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, path


def test_browse_from_a_portal_and_take_the_result_along(server: Server, page: Page) -> None:
    page.goto(server.address)
    page.get_by_role("link", name="Cổng thông tin", exact=True).click()
    page.get_by_role("link", name="Huyện Thọ Xuân").click()
    page.locator(".months").get_by_role("link", name="1").first.click()
    page.wait_for_url("**/search?site=tho-xuan&from=2024-03&to=2024-03")
    expect(page.locator(".inforce")).to_contain_text("Huyện Thọ Xuân")
    page.get_by_role("link", name="cũ nhất").click()
    expect(page.locator(".orders [aria-current]")).to_have_text("cũ nhất")
    with page.expect_download() as download:
        page.get_by_role("link", name="Bảng CSV").click()
    assert FIRST.title in download.value.path().read_text(encoding="utf-8-sig")


def test_staff_signs_in_and_sees_what_is_withheld(
    server: Server, archive: tuple[Path, Ids], browser: Browser
) -> None:
    address = f"{server.address}/article/{archive[1].secret}"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.locator("h1")).to_have_text("Không có trang này")
    known = {"username": "thu-thu", "password": PASSWORD}
    with browser.new_context(http_credentials=known) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{server.address}/withheld")
        page.get_by_role("link", name=SECRET.title).click()
        expect(page.locator(".alarm")).to_contain_text("KHÔNG CÔNG BỐ")
        assert page.title() != "pwned"
        page.get_by_role("link", name="Xem trang gốc đã lưu").click()
        expect(page.locator(".banner .alarm")).to_contain_text("KHÔNG CÔNG BỐ")
        expect(page.frame_locator("iframe").locator("body")).to_contain_text("0912")
        for path in ("/withheld", f"/article/{archive[1].secret}", f"/web/2024/{SECRET.url}"):
            page.goto(server.address + path)
            assert serious_faults(Axe(), page) == []


def test_a_stored_page_runs_nothing(server: Server, archive: tuple[Path, Ids], page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    ids = archive[1]
    for path in (
        f"/article/{ids.hostile}", f"/article/{ids.hostile}/cite", "/search?q=site:tho-xuan",
        f"/record/{ids.attack_capture}", f"/web/20240306010000/{HOSTILE.url}",
        f"/web/20240306010000mp_/{HOSTILE.url}", f"/web/20240306010000id_/{HOSTILE.url}",
        f"/article/{ids.hostile}/provenance", f"/article/{ids.hostile}/versions",
        f"/web/*/{HOSTILE.url}", "/", "/portals", "/portals/xau",
        "/health?lang=en", "/changes", "/api", f"/search?q={quote(XSS)}&site={quote(XSS)}",
        f"/search?category={quote(XSS)}&from={quote(XSS)}&province={quote(XSS)}",
        f"/changes?site={quote(XSS)}", f"/web/2024/http://a.example/{quote(XSS)}",
    ):  # fmt: skip
        page.goto(server.address + path)
        page.wait_for_load_state("networkidle")
        assert page.title() != "pwned", path
        for frame in page.frames:
            assert frame.title() != "pwned", path
    assert dialogs == []
    assert all(url.startswith(server.address) and "?pwned" not in url for url in asked), asked


def test_replay_shows_archived_picture_and_style_and_its_links_lead_on(
    server: Server, page: Page
) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(f"{server.address}/web/20240305010000/{FIRST.url}")
    shown = page.frame_locator("iframe")
    expect(shown.locator("h1")).to_have_text(FIRST.title)
    page.wait_for_load_state("networkidle")
    assert shown.locator("img").evaluate("image => image.naturalWidth") == 1
    background = shown.locator("body").evaluate("body => getComputedStyle(body).backgroundImage")
    assert "/anh/hop.png" in background
    assert failed == []
    with pytest.raises(Error, match=r"origin|sandbox|Blocked"):
        shown.locator("h1").evaluate("() => window.parent.document.title")
    shown.get_by_role("link", name="Trang chủ").click()
    page.wait_for_url("**/web/20240305010000/http://thoxuan.example/")
    page.get_by_role("link", name="trang-chu").click()
    expect(shown.locator("h1")).to_have_text("Trang chủ")
    page.goto(f"{server.address}/web/20240305010000/{FIRST.url}")
    page.get_by_role("link", name="Lần lưu sau").click()
    expect(page.locator(".banner")).to_contain_text("Lưu lúc 06/03/2024 01:00 UTC")


LOOKED_AT = (
    "/", "/search?q=huyen", "/search?q=khongco", "/article/1", "/article/1/versions",
    "/article/1/differences?view=side", "/article/1/provenance", "/article/1/cite", "/portals",
    "/portals/tho-xuan", "/changes", "/health", "/health?site=xau",
    "/api", "/record/6", "/article/99", "/changes?kind=new", "/portals/xau",
    f"/web/20240305010000/{FIRST.url}", f"/web/*/{FIRST.url}",
)  # fmt: skip
IN_THE_DARK = LOOKED_AT[1], LOOKED_AT[5], LOOKED_AT[6], LOOKED_AT[11]


@pytest.mark.parametrize(("scheme", "paths"), [("light", LOOKED_AT), ("dark", IN_THE_DARK)])
def test_no_accessibility_fault(
    server: Server, browser: Browser, scheme: Literal["light", "dark"], paths: tuple[str, ...]
) -> None:
    axe = Axe()
    faults = []
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        for path in paths:
            page.goto(server.address + path)
            faults += serious_faults(axe, page)
    assert faults == []


def serious_faults(axe: Axe, page: Page) -> list[tuple[str, str, str, list[str]]]:
    """Where, which, what it means, and the elements. Of the archived page in the frame nothing is
    promised."""
    found = axe.run(page, context={"exclude": [["iframe"]]})
    return [
        (page.url, fault["id"], fault["help"], [node["html"] for node in fault["nodes"]])
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def test_everything_can_be_reached_by_keyboard(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/search?q=huyen")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.outerHTML"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if page.evaluate("document.activeElement.tagName") != "BODY":
            assert outline != "none"
    links = page.locator("main a[href]").evaluate_all("all => all.map(a => a.outerHTML)")
    assert set(links) <= reached
