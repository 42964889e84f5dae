"""The frame and its parts in a real browser: accessible in both languages and themes, usable by keyboard, 320 px wide."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pharmacrm.accounts.choices import Role
from tests.browser.conftest import ARGUMENTS, CHROMIUM

pytestmark = pytest.mark.browser

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PASSWORD = "correct horse battery"
PAGES = ["/styleguide/", "/people/", "/people/new/", "/people/me/", "/people/me/messages/", "/people/territories/",
         "/nowhere/", "/offline/", "/accounts/2fa/", "/accounts/password/change/"]  # fmt: skip
OPEN = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/signup/",
]
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(one => {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || one.closest('p, .skip')) return false;
    const label = one.closest('label') || (one.id && document.querySelector(`label[for="${one.id}"]`));
    const reach = parseFloat(getComputedStyle(one, '::after').height) || 0;
    return Math.max(box.height, reach, label ? label.getBoundingClientRect().height : 0) < 43.5;
  }).map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def chromium(playwright_driver):
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium, live_server, settings, person):
    """Open a tab: tab(width=360, locale="en", scheme="dark", as_="administrator"). Faults of the console fail the test."""
    settings.DEMO = True
    opened, faults = [], []

    def make(*, width=1440, locale="zh-CN", scheme="light", as_=None):
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            locale=locale,
            color_scheme=scheme,
            base_url=live_server.url,
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        if as_:
            person(as_, as_)
            page.goto("/accounts/login/")
            page.fill("[name=login]", as_)
            page.fill("[name=password]", PASSWORD)
            page.click("main form button.btn-primary")
            page.wait_for_url(lambda address: "/accounts/login/" not in address)
        return page

    yield make
    for context in opened:
        context.close()
    assert faults == []


@pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(1440, "zh-CN", "light"), (1440, "en", "dark"), (360, "en", "light"), (360, "zh-CN", "dark")],
)
def test_no_page_of_the_frame_breaks_a_rule_of_access(tab, width, locale, scheme):
    page = tab(width=width, locale=locale, scheme=scheme)
    found = [f"{address}: {one}" for address in OPEN for one in _faults(page, address)]
    page = tab(width=width, locale=locale, scheme=scheme, as_=Role.ADMINISTRATOR)
    found += [f"{address}: {one}" for address in PAGES for one in _faults(page, address)]

    assert found == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_nothing_overflows_at_320_pixels(tab, locale):
    page = tab(width=320, locale=locale, as_=Role.ADMINISTRATOR)
    wide = []
    for address in PAGES:
        page.goto(address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide.append(f"{address}: {over} px")

    assert wide == []


def test_everything_to_touch_is_44_pixels_high_on_a_phone(tab):
    page = tab(width=360, as_=Role.ADMINISTRATOR)
    small = []
    for address in PAGES:
        page.goto(address)
        small += [f"{address}: {one}" for one in page.evaluate(TOO_SMALL)]

    assert small == []


def test_the_first_tab_stop_skips_to_the_content(tab):
    page = tab(as_=Role.ADMINISTRATOR)
    page.goto("/people/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(tab):
    page = tab(width=360, as_=Role.ADMINISTRATOR)
    page.goto("/people/")
    opener = page.locator("[data-rail-open]")

    opener.focus()
    page.keyboard.press("Enter")
    assert page.locator("#rail").is_visible()
    assert opener.get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.getElementById('rail').contains(document.activeElement)")
    page.keyboard.press("Escape")

    assert not page.locator("#rail").is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-rail-open')")


def test_a_dialog_keeps_the_focus_and_gives_it_back(tab):
    page = tab(as_=Role.ADMINISTRATOR)
    page.goto("/styleguide/")
    opener = page.locator("[data-open-dialog=sample-light]")

    opener.focus()
    page.keyboard.press("Enter")
    assert page.locator("#sample-light").evaluate("one => one.open")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")

    assert page.evaluate("document.activeElement.dataset.openDialog") == "sample-light"


def test_the_errors_of_a_form_take_the_focus(tab):
    page = tab(as_=Role.ADMINISTRATOR)
    page.goto("/people/new/")
    page.evaluate("document.querySelectorAll('form').forEach(one => one.noValidate = true)")

    page.click("main form button.btn-primary")
    page.wait_for_selector("[data-faults]")

    assert page.evaluate("document.activeElement.hasAttribute('data-faults')")


def test_a_language_once_chosen_stays(tab):
    page = tab(as_=Role.ADMINISTRATOR)
    page.goto("/people/")

    page.click("button.lang")
    page.wait_for_selector("h1:text('People and roles')")
    page.goto("/people/territories/")

    assert page.locator("html").get_attribute("lang") == "en"


def _faults(page, address):
    page.goto(address)
    broken = Axe().run(page, options=WCAG).response["violations"]
    return [f"{one['id']} at {one['nodes'][0]['html'][:120]}" for one in broken]
