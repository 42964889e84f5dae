// Ctrl K, or / outside a field, leads to the search box.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-search]");
  if (!box) return;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") event.preventDefault();
  else if (event.key === "/" && !typing) event.preventDefault();
  else return;
  box.focus();
  box.select();
});
