// AES-256-GCM over everything the phone keeps. The key cannot be exported and belongs to one login's database.
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export async function keyOf(db) {
  const kept = await db.get("keys", "data");
  if (kept) return kept.key;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const transaction = db.transaction("keys", "readwrite");
  const meanwhile = await transaction.store.get("data");
  if (!meanwhile) await transaction.store.put({ id: "data", key });
  await transaction.done;
  return meanwhile ? meanwhile.key : key;
}

export async function sealBytes(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

export async function openBytes(key, sealed) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);
}

export async function seal(key, value) {
  return sealBytes(key, encoder.encode(JSON.stringify(value)));
}

export async function unseal(key, sealed) {
  return JSON.parse(decoder.decode(await openBytes(key, sealed)));
}
