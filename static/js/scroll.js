// A wide table scrolls inside its box on a narrow screen: the box can then be reached and moved by keyboard.
const settle = () => {
  for (const table of document.querySelectorAll(".tb")) {
    const box = table.parentElement;
    if (box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === "auto") box.tabIndex = 0;
    else if (box.tabIndex === 0 && box.matches("div, section")) box.removeAttribute("tabindex");
  }
};
settle();
addEventListener("resize", settle);
document.addEventListener("htmx:afterSettle", settle);
