// The append-only log of what the person did. An operation leaves it only on the server's receipt.
import { clockState } from "./clock.js";
import { store } from "./store.js";
import { uuid7 } from "./uuid.js";
import { seal, unseal } from "./vault.js";

export const VERSION = 1;
const listeners = new Set();

export const onChange = (listener) => listeners.add(listener);
export const changed = () => listeners.forEach((listener) => listener());

const channel = "BroadcastChannel" in self ? new BroadcastChannel("pharmacrm-field") : null;
channel?.addEventListener("message", changed);

export function announce() {
  changed();
  channel?.postMessage("ops");
}

// Throws when the phone refuses to keep it (storage full): then nothing was written and the form says so.
export async function append(kind, payload, { title = "", subject = "", opId = uuid7() } = {}) {
  const { db, key } = await store();
  const made_at = new Date().toISOString();
  const clock = await clockState();
  const sealed = await seal(key, { v: VERSION, kind, made_at, clock, payload, title });
  const transaction = db.transaction("ops", "readwrite", { durability: "strict" });
  if (!(await transaction.store.index("op_id").get(opId))) {
    await transaction.store.add({ op_id: opId, kind, subject, made_at, tries: 0, sealed });
  }
  await transaction.done;
  announce();
  return opId;
}

export async function waiting() {
  const { db } = await store();
  return db.getAll("ops");
}

export async function openOperation(row) {
  const { key } = await store();
  return { op_id: row.op_id, ...(await unseal(key, row.sealed)) };
}

// One transaction: the answer is kept and the operation leaves, or neither.
export async function settle(row, answer) {
  const { db, key } = await store();
  const sealed = await seal(key, { answer, title: row.title ?? "" });
  const transaction = db.transaction(["ops", "answers"], "readwrite", { durability: "strict" });
  await transaction.objectStore("answers").put({
    op_id: row.op_id, kind: row.kind, subject: row.subject, status: answer.status, receipt: answer.receipt,
    at: new Date().toISOString(), sealed,
  });
  await transaction.objectStore("ops").delete(row.seq);
  await transaction.done;
}

export async function noteTry(row, problem) {
  const { db } = await store();
  const transaction = db.transaction("ops", "readwrite");
  const kept = await transaction.store.get(row.seq);
  if (kept) await transaction.store.put({ ...kept, tries: kept.tries + 1, problem });
  await transaction.done;
}

export async function answers() {
  const { db } = await store();
  return (await db.getAll("answers")).sort((one, other) => other.at.localeCompare(one.at));
}

export async function openAnswer(row) {
  const { key } = await store();
  return { ...row, ...(await unseal(key, row.sealed)) };
}

export async function exportUnsent() {
  const rows = await waiting();
  const operations = [];
  for (const row of rows) operations.push(await openOperation(row));
  return new Blob([JSON.stringify({ v: VERSION, exported_at: new Date().toISOString(), operations }, null, 2)], { type: "application/json" });
}
