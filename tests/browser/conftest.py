"""A live server over the test database, and a real Chromium that signs in as anybody.

    def test_something(live, browser_page, rep):
        page = browser_page(login_as=rep, size=(360, 740))
        page.goto(f"{live}/field/")

`live` is the address of a threaded server in this process; `house` is the product as it runs, with its own web server,
worker and Redis (see `house.py`). `browser_page(login_as=, size=, locale=, scheme=, profile=)` opens a page; with `profile`
(a folder) it is a browser of its own that can be closed and opened again with what it kept.
"""

import os
import time

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.signals import request_finished, request_started
from playwright.sync_api import sync_playwright

from tests.browser.house import house, installation  # noqa: F401 - fixtures

CHROMIUM = os.environ.get("PHARMACRM_CHROMIUM", "/usr/bin/chromium")
FIGURE = "figure"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="session")
def playwright_driver():
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the driver keeps a loop running in this thread
    with sync_playwright() as driver:
        yield driver
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def live(live_server):
    """The address of a threaded server over the test database, which ends when the last request is answered."""
    running = {"n": 0}

    def began(**_signal):
        running["n"] += 1

    def ended(**_signal):
        running["n"] -= 1

    request_started.connect(began)
    request_finished.connect(ended)
    yield live_server.url
    for _ in range(100):
        if running["n"] <= 0:
            break
        time.sleep(0.05)
    request_started.disconnect(began)
    request_finished.disconnect(ended)


@pytest.fixture(scope="session")
def shared_chromium(playwright_driver):
    """One browser for all tests; each page has a context of its own, which shares nothing with another."""
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def browser_page(request, playwright_driver, shared_chromium):
    """Open pages; everything opened is closed with the test. Uncaught faults of a page's scripts fail it."""
    address = request.getfixturevalue("house" if "house" in request.fixturenames else "live")
    opened, faults = [], []

    def make(*, login_as=None, size=(1440, 900), locale="zh-CN", scheme="light", profile=None):
        options = {
            "viewport": {"width": size[0], "height": size[1]},
            "locale": locale,
            "color_scheme": scheme,
        }
        if profile is not None:
            context = playwright_driver.chromium.launch_persistent_context(
                str(profile), executable_path=CHROMIUM, args=ARGUMENTS, **options
            )
        else:
            context = shared_chromium.new_context(**options)
        opened.append(context)
        if login_as is not None:
            sign_in(context, address, login_as)
        page = context.pages[0] if context.pages else context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for each in opened:
        each.close()
    assert faults == []


@pytest.fixture
def figure(request):
    """Say at the end of the run what a promise measured: figure("U1", "4 taps, 1.2 s")."""
    return lambda promise, words: request.node.user_properties.append((FIGURE, f"{promise}: {words}"))


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    said = sorted(
        words
        for report in reports
        if report.when == "call"
        for name, words in report.user_properties
        if name == FIGURE
    )
    if said:
        terminalreporter.write_sep("-", "measured in the browser")
    for line in said:
        terminalreporter.write_line(line)


@pytest.fixture
def shot():
    """Keep a picture of a page: shot(page, "event-closed") writes var/screens/event-closed-1440.png."""
    folder = django_settings.BASE_DIR / "var" / "screens"
    folder.mkdir(parents=True, exist_ok=True)

    def take(page, name):
        page.wait_for_load_state()
        page.screenshot(path=folder / f"{name}-{page.viewport_size['width']}.png", full_page=True)

    return take


def sign_in(context, live, user):
    """Put a session of a person into a browser."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    expires = session.get_expiry_date().timestamp()
    context.add_cookies(
        [{"name": "sessionid", "value": session.session_key, "url": live, "expires": expires}]
    )
