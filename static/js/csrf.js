// htmx requests carry the CSRF token of the page; a failed one is said aloud.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

const sayFailed = () => {
  const spoken = document.getElementById("spoken");
  const notices = document.getElementById("notices");
  if (!spoken) return;
  spoken.textContent = spoken.dataset.failed;
  if (!notices) return;
  const line = document.createElement("p");
  line.className = "notice notice--error";
  line.textContent = spoken.dataset.failed;
  notices.replaceChildren(line);
};
document.addEventListener("htmx:sendError", sayFailed);
document.addEventListener("htmx:responseError", sayFailed);

// A page that changed elsewhere tells it in words: <element data-announce="…"> inside a swapped part.
document.addEventListener("htmx:afterSettle", (event) => {
  const words = event.target.closest?.("[data-announce]") ?? event.target.querySelector?.("[data-announce]");
  if (words) document.getElementById("spoken").textContent = words.dataset.announce;
});
