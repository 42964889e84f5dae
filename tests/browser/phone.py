"""How a test holds a representative's phone: wait until its scripts run, keep the day, log a visit by taps."""

import time

PHONE = (360, 740)

DAY_ON_THE_PHONE = """
() => indexedDB.databases().then(all => Promise.all(all.map(one => new Promise(done => {
  const ask = indexedDB.open(one.name);
  ask.onsuccess = () => {
    const db = ask.result;
    const read = db.transaction('parts').objectStore('parts').count();
    read.onsuccess = () => { db.close(); done(read.result); };
  };
})))).then(counts => Math.max(0, ...counts) >= 5 && caches.keys().then(names => names.length > 0))
"""


def ready(page):
    page.wait_for_selector("html[data-ready]", state="attached")


def opened(page, address, path="/field/"):
    page.goto(f"{address}{path}")
    ready(page)


def kept(page):
    """Wait until the worker runs and the day lies on the phone."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    for _ in range(120):
        if page.evaluate(DAY_ON_THE_PHONE):
            return
        page.wait_for_timeout(250)
    raise AssertionError("the day never reached the phone")


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
