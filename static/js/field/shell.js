// Without signal the worker hands out an empty shell; this fills it with the page as the phone keeps it, sealed.
import { part } from "./bundle.js";
import { owner } from "./store.js";
import { reloadWords, say } from "./words.js";

const BLANK = "00000000-0000-0000-0000-000000000000";
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

function escape(text) {
  const element = document.createElement("span");
  element.textContent = text ?? "";
  return element.innerHTML;
}

async function pageFor(path) {
  const pages = (await part("pages")) ?? {};
  if (pages[path]) return pages[path];
  if (path.startsWith("/field/showings/")) return pages["/field/library/"] ?? null;
  const id = path.match(UUID)?.[0];
  const pattern = id && pages[path.replace(id, BLANK)];
  const card = id && ((await part("doctors")) ?? []).find((each) => each.id === id);
  if (!pattern || !card) return null;
  return pattern
    .replaceAll(BLANK, id)
    .replace(`data-tier="${card.tier}" hidden`, `data-tier="${card.tier}"`)
    .replaceAll("[[tier_label]]", escape(card.tier_label))
    .replaceAll("[[name]]", escape(card.name))
    .replaceAll("[[title]]", escape(card.title))
    .replaceAll("[[level]]", escape(card.level))
    .replaceAll("[[hospital]]", escape(card.hospital))
    .replaceAll("[[department]]", escape(card.department));
}

function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const name of ["lang", "data-theme", "data-bs-theme"]) {
    const value = fresh.documentElement.getAttribute(name);
    if (value) document.documentElement.setAttribute(name, value);
  }
  document.title = fresh.title;
  document.body.replaceChildren(...Array.from(fresh.body.childNodes, (node) => document.importNode(node, true)));
  reloadWords();
}

// Fill the shell. Answers false where nobody has signed in on this phone: there is no store to open.
export async function fillShell() {
  const words = document.querySelector("[data-shell-words]");
  if (!owner()) {
    words.textContent = say("nobody");
    return false;
  }
  const html = await pageFor(location.pathname);
  if (html) put(html);
  else words.textContent = say("not_here");
  return true;
}
