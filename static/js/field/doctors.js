// The list of doctors narrows while one types, without the network.
export function bindDoctors() {
  const form = document.querySelector("[data-local-search]");
  if (!form) return;
  const rows = Array.from(document.querySelectorAll("[data-search-text]"));
  const narrow = () => {
    const words = form.elements.q.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.dataset.searchText.toLowerCase().includes(words);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.q.addEventListener("input", narrow);
  narrow();
}
