"""How a test holds a representative's phone: wait until its scripts run, keep the day, log a visit by taps."""

import time

PHONE = (360, 740)

ROWS_KEPT = """
name => indexedDB.databases().then(all => Promise.all(all.map(one => new Promise(done => {
  const ask = indexedDB.open(one.name);
  ask.onsuccess = () => {
    const db = ask.result;
    const read = db.transaction(name).objectStore(name).count();
    read.onsuccess = () => { db.close(); done(read.result); };
  };
})))).then(counts => Math.max(0, ...counts))
"""


def ready(page):
    page.wait_for_selector("html[data-ready]", state="attached")


def opened(page, address, path="/field/"):
    """Open a page. On a machine too busy to answer in time the phone hands out an empty shell: then ask again."""
    for _attempt in range(10):
        page.goto(f"{address}{path}")
        ready(page)
        if not page.locator("[data-shell-words]").count():
            return
    raise AssertionError(f"{path} never came")


def kept(page, *, materials=0):
    """Wait until the worker runs and the day lies on the phone, with the page images of so many materials."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    for _ in range(240):
        has_shell = page.evaluate("() => caches.keys().then(names => names.length > 0)")
        if has_shell and rows_kept(page, "parts") >= 5 and rows_kept(page, "images") >= materials:
            return
        page.wait_for_timeout(250)
    raise AssertionError("the day never reached the phone")


def rows_kept(page, name):
    return page.evaluate(ROWS_KEPT, name)


def log_from_today(page):
    """Log the next visit from the home screen. Returns: taps and seconds."""
    began, taps = time.monotonic(), 0
    for target in (".pact .btn-primary", ".chips .chip >> nth=0", ".seg label >> nth=0", ".pact button"):
        page.click(target)
        taps += 1
        if taps == 1:
            page.wait_for_selector("#log")
            ready(page)
    page.wait_for_url("**/field/")
    ready(page)
    return taps, time.monotonic() - began
