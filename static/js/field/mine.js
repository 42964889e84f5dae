// What waits on this phone, what the server answered, and the way out: a file of it, or nothing left behind.
import { part } from "./bundle.js";
import { clockState } from "./clock.js";
import { drain } from "./drain.js";
import { answers, exportUnsent, onChange, openAnswer, openOperation, waiting } from "./ops.js";
import { meta, wipe } from "./store.js";
import { showVerdict } from "./verdict.js";
import { dayTime, localDay, say } from "./words.js";

const MOST_RECEIPTS = 20;

function row(title, detail, tone, state) {
  const line = document.createElement("div");
  line.className = "todo";
  const words = document.createElement("span");
  const small = document.createElement("small");
  words.textContent = title;
  small.textContent = detail;
  words.append(small);
  const badge = document.createElement("span");
  badge.className = `state s-${tone}`;
  badge.textContent = state;
  line.append(words, Object.assign(document.createElement("span"), { className: "sp" }), badge);
  return line;
}

async function paintOps() {
  const place = document.querySelector("[data-ops]");
  const rows = await waiting();
  document.querySelector("[data-waiting-count]").textContent = say("waiting_count", { count: rows.length });
  if (!rows.length) {
    const empty = document.createElement("p");
    empty.className = "empty-row";
    empty.textContent = say("none_waiting");
    place.replaceChildren(empty);
    return;
  }
  const lines = [];
  for (const each of rows) {
    const opened = await openOperation(each);
    const detail = [dayTime(each.made_at), each.tries ? say("tries", { count: each.tries }) : ""].filter(Boolean).join(" · ");
    lines.push(row(`${say(`op_${each.kind}`)} ${opened.title}`, detail, "waiting", say("state_waiting")));
  }
  place.replaceChildren(...lines);
}

async function paintReceipts() {
  const lines = [];
  for (const each of (await answers()).slice(0, MOST_RECEIPTS)) {
    const opened = await openAnswer(each);
    const body = opened.answer.answer ?? {};
    const done = each.status === "done";
    const detail = done ? say("uploaded", { receipt: each.receipt }) : each.status === "refused" ? say("refused") : say("rejected", { detail: body.detail ?? "" });
    lines.push(row(`${say(`op_${each.kind}`)} ${opened.title}`, `${dayTime(each.at)} · ${detail}`, done ? "sent" : "withdrawn", done ? say("state_sent") : "!"));
    if (each.status === "refused") {
      const box = document.createElement("div");
      lines.push(box);
      queueMicrotask(() => showVerdict(box, body.verdict.refusals));
    }
  }
  document.querySelector("[data-receipts]").replaceChildren(...lines);
}

async function paintPhone() {
  const fetched = await meta("fetched_at");
  if (fetched) document.querySelector("[data-fetched]").textContent = dayTime(fetched);
  const materials = (await part("materials")) ?? [];
  const soonest = materials.map((each) => each.lease_until).sort()[0];
  document.querySelector("[data-lease-count]").textContent = soonest ? `${materials.length} · ${say("lease_until", { time: dayTime(soonest) })}` : String(materials.length);
  const kept = await navigator.storage?.persisted?.();
  document.querySelector("[data-storage]").textContent = kept ? say("persisted") : say("not_persisted");
  const clock = await clockState();
  document.querySelector("[data-clock-state]").textContent = clock.offset_ms === null ? "—" : clock.proven ? `${Math.round(clock.offset_ms / 1000)} s` : say("clock_off");
}

async function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await exportUnsent());
  link.download = `${say("export_name")}-${localDay()}.json`;
  link.click();
}

async function out(form) {
  await wipe();
  for (const name of await caches.keys()) if (name.startsWith("field-")) await caches.delete(name);
  const worker = await navigator.serviceWorker.getRegistration("/field/");
  await worker?.unregister();
  form.submit();
}

export async function bindMine() {
  if (!document.querySelector('[data-page="me"]')) return;
  const paint = () => Promise.all([paintOps(), paintReceipts(), paintPhone()]).catch(() => {});
  onChange(paint);
  await paint();
  document.querySelector("[data-retry]").addEventListener("click", () => drain().catch(() => {}));
  document.querySelector("[data-export]").addEventListener("click", save);
  const form = document.querySelector("form[data-wipe]");
  const dialog = document.getElementById("wipe-dialog");
  dialog.querySelector("[data-wipe-export]").addEventListener("click", save);
  dialog.querySelector("[data-wipe-go]").addEventListener("click", () => out(form));
  dialog.querySelector("[data-close-dialog]").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const count = (await waiting()).length;
    if (!count) return out(form);
    dialog.querySelector("[data-wipe-words]").textContent = say("wipe_ask", { count });
    return dialog.showModal();
  });
}
