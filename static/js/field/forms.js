// Small behaviours every form has: opening a part, faults on top with focus, sending without losing the page.
import { announce, append, openAnswer } from "./ops.js";
import { part } from "./bundle.js";
import { drain } from "./drain.js";
import { judge } from "./law.js";
import { askReasons, reasonsIn } from "./reasons.js";
import { csrf } from "./settings.js";
import { store } from "./store.js";
import { showVerdict } from "./verdict.js";
import { localDay, say } from "./words.js";

const WAIT_MS = 4000;

export function faults(form, found) {
  const place = form.querySelector("[data-faults-here]");
  if (!place) return;
  place.hidden = !found.length;
  place.replaceChildren();
  if (!found.length) return;
  const head = document.createElement("h2");
  head.textContent = say("things_to_correct", { count: found.length });
  const list = document.createElement("ul");
  for (const { text, target } of found) {
    const item = document.createElement("li");
    const link = document.createElement(target ? "a" : "span");
    if (target) link.href = `#${target}`;
    link.textContent = text;
    item.append(link);
    list.append(item);
  }
  place.append(head, list);
  place.focus();
}

// Keep the operation, try to send it now, wait a moment for its receipt. Returns the answer, or null while it waits.
export async function keepAndSend(kind, payload, options) {
  const opId = await append(kind, payload, options);
  if (!navigator.onLine) return { opId, answer: null };
  const patience = new Promise((done) => setTimeout(done, WAIT_MS));
  await Promise.race([drain().catch(() => {}), patience]);
  const { db } = await store();
  const row = await db.get("answers", opId);
  return { opId, answer: row ? await openAnswer(row) : null };
}

export function flashFor(answer) {
  if (!answer) return say("kept");
  const body = answer.answer.answer ?? {};
  if (answer.status === "refused") return say("refused");
  if (answer.status === "rejected") return say("rejected", { detail: body.detail ?? "" });
  if (body.in_breach) return say("in_breach");
  return say("uploaded", { receipt: answer.receipt });
}

export function leave(url, flash) {
  sessionStorage.setItem("field-flash", flash);
  location.assign(url);
}

// Post a form as the browser would; on a dead network tell the caller instead of showing the browser's error page.
export async function post(form) {
  const body = new FormData(form);
  const token = csrf();
  if (token) body.set("csrfmiddlewaretoken", token);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), WAIT_MS * 2);
  try {
    return await fetch(form.action, { method: "POST", body, signal: controller.signal, headers: { "X-CSRFToken": token } });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

// The server's own verdict, taken out of its page and shown where the person is.
export function showRefusal(html, place = null) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const boxes = Array.from(answer.querySelectorAll(".verdict"), (box) => document.importNode(box, true));
  const here = place ?? refusalPlace();
  here.replaceChildren(...boxes);
  here.scrollIntoView({ block: "nearest" });
}

async function startVerdict(visitId) {
  const facts = ((await part("visits")) ?? {})[visitId];
  return facts ? judge("visit.start", facts, localDay()) : null;
}

// Without signal the phone asks its own rule book before a visit starts. Returns whether it says no.
function refusedHere(verdict, began) {
  if (!verdict?.breached.length) return false;
  showVerdict(refusalPlace(), verdict.refusals);
  document.documentElement.dataset.verdictMs = String(Math.round(performance.now() - began));
  return true;
}

function refusalPlace() {
  let here = document.querySelector("[data-refused]");
  if (!here) {
    here = document.createElement("div");
    here.dataset.refused = "";
    document.getElementById("main").prepend(here);
  }
  return here;
}

function bindToggles() {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const box = document.getElementById(button.dataset.toggle);
    if (!box) continue;
    button.addEventListener("click", () => {
      box.hidden = !box.hidden;
      button.setAttribute("aria-expanded", String(!box.hidden));
      button.classList.toggle("on", !box.hidden);
      if (!box.hidden) box.querySelector("input, select, textarea")?.focus();
    });
  }
}

function bindSteps() {
  for (const form of document.querySelectorAll("form[data-op]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const began = performance.now();
      const verdict = form.dataset.op === "visit.start" ? await startVerdict(form.dataset.visitId).catch(() => null) : null;
      if (verdict && !verdict.breached.length && askReasons(form, verdict.refusals).length) return;
      const response = navigator.onLine ? await post(form) : null;
      if (response) {
        if (response.status === 409) showRefusal(await response.text());
        else location.assign(response.url);
        return;
      }
      if (refusedHere(verdict, began)) return;
      await append(form.dataset.op, { visit_id: form.dataset.visitId, reasons: reasonsIn(form) });
      announce();
      leave("/field/", say("kept"));
    });
  }
}

export function bindForms(hasStore) {
  bindToggles();
  if (hasStore) bindSteps();
}
