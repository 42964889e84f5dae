// A long list of boxes gets a field that narrows it; without scripts the list is there whole.
function narrow(list, words) {
  const wanted = words.trim().toLowerCase();
  for (const label of list.querySelectorAll("label")) {
    const box = label.querySelector("input");
    label.hidden = Boolean(wanted) && !box.checked && !label.dataset.words.toLowerCase().includes(wanted);
  }
}

function bind(list) {
  if (list.dataset.bound) return;
  list.dataset.bound = "1";
  const field = document.createElement("input");
  field.type = "search";
  field.className = "form-control";
  field.setAttribute("aria-label", list.dataset.searchLabel);
  field.placeholder = list.dataset.searchLabel;
  field.addEventListener("input", () => narrow(list, field.value));
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  list.before(field);
}

function bindAll(root) {
  root.querySelectorAll("[data-choices]").forEach(bind);
}

bindAll(document);
window.htmx?.onLoad(bindAll);
