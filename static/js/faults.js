// The summary of a form's errors takes the focus, also when htmx brings it in.
const focusFaults = (within) => within.querySelector?.("[data-faults]")?.focus();
focusFaults(document);
document.addEventListener("htmx:afterSettle", (event) => focusFaults(event.target));
