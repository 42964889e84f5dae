// One IndexedDB database a login. Plain are only counters, keys and hashes; all words and names are sealed.
import { openDB, deleteDB } from "../../vendor/idb/build/index.js";
import { userId } from "./settings.js";
import { keyOf, openBytes, seal, sealBytes, unseal } from "./vault.js";

const PREFIX = "pharmacrm-field-";
const LAST_USER = "pharmacrm-field-last-user";
let opened = null;

export const owner = () => userId() || localStorage.getItem(LAST_USER) || "";

async function open() {
  const who = owner();
  if (!who) throw new Error("nobody has signed in on this phone");
  const db = await openDB(PREFIX + who, 1, {
    upgrade(fresh) {
      for (const name of ["keys", "drafts", "parts", "shows"]) fresh.createObjectStore(name, { keyPath: "id" });
      fresh.createObjectStore("meta", { keyPath: "id" });
      fresh.createObjectStore("answers", { keyPath: "op_id" });
      fresh.createObjectStore("images", { keyPath: ["version", "page"] });
      fresh.createObjectStore("ops", { keyPath: "seq", autoIncrement: true }).createIndex("op_id", "op_id", { unique: true });
    },
  });
  return { db, key: await keyOf(db) };
}

export const store = () => (opened ??= open());

export async function put(name, id, value, extra = {}) {
  const { db, key } = await store();
  await db.put(name, { ...extra, id, sealed: await seal(key, value) });
}

export async function get(name, id) {
  const { db, key } = await store();
  const row = await db.get(name, id);
  return row ? unseal(key, row.sealed) : null;
}

export async function remove(name, id) {
  const { db } = await store();
  await db.delete(name, id);
}

export async function putImage(version, page, bytes, sha256) {
  const { db, key } = await store();
  await db.put("images", { version, page, sha256, sealed: await sealBytes(key, bytes) });
}

export async function getImage(version, page) {
  const { db, key } = await store();
  const row = await db.get("images", [version, page]);
  return row ? openBytes(key, row.sealed) : null;
}

export async function dropImages(version) {
  const { db } = await store();
  await db.delete("images", IDBKeyRange.bound([version, 0], [version, Infinity]));
}

export async function meta(id, value) {
  const { db } = await store();
  if (value === undefined) return (await db.get("meta", id))?.value ?? null;
  await db.put("meta", { id, value });
  return value;
}

// Another person's login: what the last one could read goes at once; unsent operations wait, sealed, for their author.
export async function takeOver() {
  const before = localStorage.getItem(LAST_USER);
  const now = userId();
  if (!now) return;
  if (before && before !== now) await forgetReadable(before);
  localStorage.setItem(LAST_USER, now);
}

async function forgetReadable(who) {
  const names = (await indexedDB.databases?.())?.map((each) => each.name) ?? [];
  if (!names.includes(PREFIX + who)) return;
  const db = await openDB(PREFIX + who);
  for (const name of ["parts", "images", "shows"]) await db.clear(name);
  const unsent = await db.count("ops");
  db.close();
  if (!unsent) await deleteDB(PREFIX + who);
}

export async function clearReadable() {
  const { db } = await store();
  for (const name of ["parts", "images", "shows", "drafts", "answers"]) await db.clear(name);
  await db.clear("meta");
}

export async function wipe() {
  const who = owner();
  if (opened) (await opened).db.close();
  opened = null;
  localStorage.removeItem(LAST_USER);
  if (who) await deleteDB(PREFIX + who);
}
