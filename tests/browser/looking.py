"""What a page must not do in a browser, asked of the page itself."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

# All WCAG 2.2 AA and best-practice rules; only what is broken comes back.
RUN_AXE = """async () => {
  const found = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
  });
  return found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 140)}`));
}"""

# What reaches past the right edge: the outermost elements that do, not everything inside them.
TOO_WIDE = """() => {
  const page = document.documentElement, over = page.scrollWidth - page.clientWidth;
  if (over <= 0) return [];
  const wide = [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > page.clientWidth + 0.5 && getComputedStyle(one).position !== 'fixed';
  });
  return [`${over} px too wide: ` + wide.filter(one => !wide.some(other => other !== one && other.contains(one)))
    .slice(0, 3).map(one => one.outerHTML.slice(0, 100)).join(' | ')];
}"""

# Links inside a sentence, a table or a fold may be as high as the line; everything else is for a finger.
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(one => {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || one.closest('p, .skip') || !one.checkVisibility({visibilityProperty: true})) return false;
    const label = one.closest('label') || (one.id && document.querySelector(`label[for="${one.id}"]`));
    const reach = parseFloat(getComputedStyle(one, '::after').height) || 0;
    return Math.max(box.height, reach, label ? label.getBoundingClientRect().height : 0) < 43.5;
  }).map(one => one.outerHTML.slice(0, 120))"""

# Every text a person can come to see or hear, shown or not: nodes, names, hints, placeholders. Not code, not what is
# marked as being in another language.
TEXTS = """() => {
  const texts = new Set(), own = document.documentElement.lang, skip = 'script, style, template, noscript, code, pre, kbd';
  const foreign = one => { const told = one.closest('[lang]'); return told && told.lang !== own; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (!holder.closest(skip) && !foreign(holder)) texts.add(walker.currentNode.data.trim().replace(/\\s+/g, ' '));
  }
  for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt], [aria-description], [data-confirm]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'data-confirm'])
      if (one.hasAttribute(name) && !foreign(one)) texts.add(one.getAttribute(name).trim().replace(/\\s+/g, ' '));
  texts.add(document.title);
  return [...texts].filter(Boolean);
}"""
