"""A person without a mouse: every step is a key, and the focus has to be seen wherever it stands."""

from __future__ import annotations

from playwright.sync_api import Page

MOST_TABS = 160

# What has the focus: is there a mark on it or around it, and is it free of bars that lie over the page?
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return {on: '', seen: true, free: true};
  const marked = style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
  let seen = false;
  for (let near = one, steps = 0; near && steps < 3; near = near.parentElement, steps++) seen ||= marked(getComputedStyle(near));
  const label = one.closest('label');
  const box = (label && getComputedStyle(one).opacity === '0' ? label : one).getBoundingClientRect();
  const over = document.elementFromPoint(box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height, 24) / 2);
  const free = !over || one.contains(over) || over.contains(one) || !!(label && label.contains(over));
  return {on: one.outerHTML.slice(0, 120), seen, free};
}"""


class Keys:
    """Press keys on a page. `lost` collects every place where the focus was not to be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lost: list[str] = []

    def to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until the focus stands on `selector`."""
        for _ in range(MOST_TABS):
            if self.page.evaluate("wanted => document.activeElement?.matches(wanted) ?? false", selector):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            self._look()
        raise AssertionError(f"no Tab leads to {selector} on {self.page.url}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, selector: str, text: str) -> None:
        """Go to a field and type; what stood in it is written over."""
        self.to(selector)
        self.press("Control+a")
        self.page.keyboard.type(text)

    def follow(self, selector: str) -> None:
        """Go to a link or button and press Enter, and wait for the page it leads to."""
        self.to(selector)
        with self.page.expect_navigation():
            self.press("Enter")
        self.page.wait_for_load_state()

    def _look(self) -> None:
        for _ in range(20):  # the page may still be scrolling to where the focus went
            found = self.page.evaluate(FOCUS)
            if found["seen"] and found["free"]:
                return
            self.page.wait_for_timeout(50)
        else:
            self.lost.append(f"{self.page.url}: {'' if found['seen'] else 'no mark'} {found['on']}")
