// Draw a region on a page of the review: pointer events; the same is done by paragraph without this module.
const MARGIN = 0.004;

function share(event, sheet) {
  const box = sheet.getBoundingClientRect();
  const inside = (value) => Math.min(1, Math.max(0, value));
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
}

function paint(rect, from, to) {
  const percent = (value) => `${value * 100}%`;
  rect.setAttribute("x", percent(Math.min(from[0], to[0])));
  rect.setAttribute("y", percent(Math.min(from[1], to[1])));
  rect.setAttribute("width", percent(Math.abs(from[0] - to[0])));
  rect.setAttribute("height", percent(Math.abs(from[1] - to[1])));
}

function bind(page) {
  const button = document.querySelector("[data-draw-start]");
  const form = document.querySelector("[data-remark]");
  const sheet = page.querySelector("[data-sheet]");
  const rect = page.querySelector("[data-drawn]");
  if (!button || !form || !sheet || !rect) return;
  const said = document.querySelector("[data-region-said]");
  let from = null;
  button.hidden = false;
  const stop = () => {
    from = null;
    page.classList.remove("rv-page--drawing");
    button.setAttribute("aria-pressed", "false");
  };
  button.addEventListener("click", () => {
    const on = page.classList.toggle("rv-page--drawing");
    button.setAttribute("aria-pressed", String(on));
  });
  sheet.parentElement.addEventListener("pointerdown", (event) => {
    if (!page.classList.contains("rv-page--drawing")) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    from = share(event, sheet);
  });
  sheet.parentElement.addEventListener("pointermove", (event) => {
    if (from) paint(rect, from, share(event, sheet));
  });
  sheet.parentElement.addEventListener("pointerup", (event) => {
    if (!from) return;
    const to = share(event, sheet);
    const sides = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
    stop();
    if (sides[2] - sides[0] < MARGIN || sides[3] - sides[1] < MARGIN) return;
    form.elements.region.value = sides.map((side) => side.toFixed(5)).join(",");
    form.elements.quote.value = "";
    if (said) said.textContent = form.dataset.said;
    form.elements.text.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
  });
}

document.querySelectorAll("[data-draw]").forEach(bind);
