// Send the log in order, one drainer for all tabs. Flushed on start, on return of the network or the page, every 30 s.
import { contact } from "./clock.js";
import { announce, noteTry, openOperation, settle, waiting } from "./ops.js";
import { csrf, urls, userId } from "./settings.js";
import { owner } from "./store.js";

const BATCH = 20;
const state = { signedOut: false, problem: "", busy: false };

export const drainState = () => state;

async function send(rows) {
  const operations = [];
  for (const row of rows) {
    const opened = await openOperation(row);
    row.title = opened.title;
    operations.push(opened);
  }
  const askedAt = Date.now();
  const response = await fetch(urls.sync, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), "X-Field-User": owner() },
    body: JSON.stringify({ sent_at: new Date(askedAt).toISOString(), operations }),
    redirect: "error",
  });
  if (response.status === 401 || response.status === 403) {
    state.signedOut = true;
    throw new Error("signed out");
  }
  if (!response.ok) throw new Error(`answer ${response.status}`);
  const body = await response.json();
  await contact(body.server_at, askedAt);
  return body;
}

async function drainAll() {
  for (;;) {
    const rows = (await waiting()).slice(0, BATCH);
    if (!rows.length) return;
    let body;
    try {
      body = await send(rows);
    } catch (error) {
      state.problem = String(error.message ?? error);
      await noteTry(rows[0], state.problem);
      return;
    }
    state.signedOut = false;
    state.problem = "";
    const byId = new Map(body.answers.map((answer) => [answer.op_id, answer]));
    let settled = 0;
    for (const row of rows) {
      const answer = byId.get(row.op_id);
      if (!answer) break;
      await settle(row, answer);
      settled += 1;
    }
    announce();
    if (!settled) return;
  }
}

export async function drain() {
  if (!owner() || (userId() && userId() !== owner())) return;
  state.busy = true;
  try {
    if (navigator.locks) await navigator.locks.request(`field-drain-${owner()}`, drainAll);
    else await drainAll();
  } finally {
    state.busy = false;
    announce();
  }
}

export function drainOften() {
  const go = () => navigator.onLine && drain().catch(() => {});
  window.addEventListener("online", go);
  window.addEventListener("pageshow", go);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && go());
  setInterval(go, 30_000);
  go();
}
