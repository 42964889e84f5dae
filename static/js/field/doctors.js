// The list of doctors narrows while one types or picks a saved list, without the network.
export function bindDoctors() {
  const form = document.querySelector("[data-local-search]");
  if (!form) return;
  const rows = Array.from(document.querySelectorAll("[data-search-text]"));
  const lists = document.querySelector("[data-local-lists]"); // only where everybody is on the page
  const none = document.querySelector("[data-none]");
  let list = lists ? (new URLSearchParams(location.search).get("list") ?? "") : "";
  const narrow = () => {
    const words = form.elements.q.value.trim().toLowerCase();
    for (const row of rows) {
      const isOn = !list || row.dataset.lists.split(" ").includes(list);
      row.hidden = !isOn || !row.dataset.searchText.toLowerCase().includes(words);
    }
    if (none) none.hidden = !list || rows.some((row) => !row.hidden);
    for (const link of lists?.querySelectorAll("[data-list]") ?? []) {
      if (link.dataset.list === list) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.q.addEventListener("input", narrow);
  lists?.addEventListener("click", (event) => {
    const link = event.target.closest("[data-list]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    list = link.dataset.list;
    narrow();
  });
  narrow();
}
