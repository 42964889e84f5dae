// <a href="…" data-drawer="Title"> opens its page's part in the drawer; without script the link simply leads there.
// <button data-open-dialog="id"> opens a dialog of the page; data-close-dialog closes the one around it.
const drawer = document.getElementById("drawer");

// A dialog whose form came back with faults stands open in the page: it goes above the page, as when it was opened.
for (const returned of document.querySelectorAll("dialog[open]")) {
  returned.close();
  returned.showModal();
  returned.querySelector("[data-faults]")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-drawer]");
  if (link && drawer && window.htmx) {
    event.preventDefault();
    document.getElementById("drawer-title").textContent = link.dataset.drawer || link.textContent.trim();
    document.getElementById("drawer-body").replaceChildren();
    window.htmx.ajax("GET", link.href, { target: "#drawer-body", swap: "innerHTML" });
    drawer.showModal();
    return;
  }
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
});
