// On a narrow screen the rail is a drawer: opens by the button, closes by Escape, scrim or a second press.
const rail = document.getElementById("rail");
const opener = document.querySelector("[data-rail-open]");
const scrim = document.querySelector("[data-rail-close]");

const show = (open) => {
  rail.classList.toggle("open", open);
  scrim.classList.toggle("open", open);
  opener.setAttribute("aria-expanded", String(open));
  if (open) rail.querySelector("a")?.focus();
  else opener.focus();
};

if (rail && opener) {
  opener.addEventListener("click", () => show(!rail.classList.contains("open")));
  scrim.addEventListener("click", () => show(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && rail.classList.contains("open")) show(false);
  });
}

// A long rail shows where the reader is; the drawer of a narrow screen stays as it is.
if (rail && matchMedia("(min-width: 900px)").matches) rail.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
