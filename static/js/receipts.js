// Checks one receipt: entry, inclusion proof, signed checkpoint, records. RFC 9162 2.1.3.2, RFC 8032, C2SP signed-note.

const utf8 = new TextEncoder();
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

class Differs extends Error {}

function need(holds, otherwise) {
  if (!holds) throw new Differs(otherwise);
}

async function digest(name, ...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest(name, whole));
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const decode = (text) => {
  need(/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, "base64 is malformed");
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
};
const little = (bytes) => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
const mod = (value) => ((value % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (base = mod(base); exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));

function point(bytes) {
  const whole = little(bytes);
  const sign = whole >> 255n;
  const y = whole & ((1n << 255n) - 1n);
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = mod(x * power(2n, (P - 1n) / 4n));
  need(y < P && !mod(x * x - square) && (x || !sign), "a point is malformed");
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function add(one, other) {
  const a = mod((one[1] - one[0]) * (other[1] - other[0]));
  const b = mod((one[1] + one[0]) * (other[1] + other[0]));
  const c = mod(2n * one[3] * other[3] * D);
  const d = mod(2n * one[2] * other[2]);
  return [mod((b - a) * (d - c)), mod((d + c) * (b + a)), mod((d - c) * (d + c)), mod((b - a) * (b + a))];
}

function times(factor, base) {
  let total = [0n, 1n, 1n, 0n];
  for (; factor > 0n; factor >>= 1n) {
    if (factor & 1n) total = add(total, base);
    base = add(base, base);
  }
  return total;
}

async function checkSignature(key, message, signature) {
  need(key.length === 32 && signature.length === 64, "key or signature has the wrong length");
  const scalar = little(signature.slice(32));
  need(scalar < L, "the signature is malformed");
  const challenge = little(await digest("SHA-512", signature.slice(0, 32), key, message)) % L;
  const base = new Uint8Array(32).fill(0x66);
  base[0] = 0x58;
  const left = times(scalar, point(base));
  const right = add(point(signature.slice(0, 32)), times(challenge, point(key)));
  need(!mod(left[0] * right[2] - right[0] * left[2]) && !mod(left[1] * right[2] - right[1] * left[2]), "the signature does not fit");
}

async function parseKey(key) {
  const [name, id, encoded] = [key.split("+", 1)[0], key.split("+")[1], key.split("+").slice(2).join("+")];
  const blob = decode(encoded || "");
  need(/^\S+$/.test(name) && blob.length === 33 && blob[0] === 1, "the key is not an Ed25519 key");
  need(hex((await digest("SHA-256", utf8.encode(`${name}\n`), blob)).slice(0, 4)) === id, "the key does not fit its id");
  return [name, id, blob.slice(1)];
}

async function openNote(note, key) {
  const [name, id, publicKey] = await parseKey(key);
  const cut = note.lastIndexOf("\n\n");
  need(cut > 0 && note.endsWith("\n"), "malformed note");
  const text = note.slice(0, cut + 1);
  let found = false;
  for (const line of note.slice(cut + 2, -1).split("\n")) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/.exec(line);
    need(match, "a signature line is malformed");
    const signed = decode(match[2]);
    if (match[1] === name && hex(signed.slice(0, 4)) === id) {
      await checkSignature(publicKey, utf8.encode(text), signed.slice(4));
      found = true;
    }
  }
  need(found, "the note was not signed by this key");
  return text.split("\n");
}

/** Return the keys that signed words {size: word} lead to from one key, the newest first, each with the size it ends at. */
async function follow(key, words) {
  const chain = [[key, Infinity]];
  const sizes = Object.keys(words).sort();
  const known = sizes.find((size) => words[size].split("\n")[2] === key) || "";
  for (const size of sizes.filter((one) => one > known)) {
    const lines = await openNote(words[size], chain[0][0]);
    need(lines.length === 5 && lines[1] === "new key" && lines[3] === String(Number(size)), "a word is not that of a new key");
    need(lines[0] === (await parseKey(lines[2]))[0], "the new key is of another log");
    chain[0][1] = Number(size);
    chain.unshift([lines[2], Infinity]);
  }
  return chain;
}

async function openCheckpoint(note, keys) {
  const [[key, last], ...others] = keys;
  let lines;
  try {
    lines = await openNote(note, key);
  } catch (problem) {
    if (others.length) return openCheckpoint(note, others);
    throw problem;
  }
  const [origin, size, root] = lines;
  need(origin === (await parseKey(key))[0], "the checkpoint is of another log");
  need(/^(0|[1-9][0-9]*)$/.test(size) && decode(root).length === 32, "the checkpoint is malformed");
  need(Number(size) <= last, "the checkpoint was signed by a key that was retired before");
  return [Number(size), decode(root)];
}

async function checkInclusion(leaf, index, size, proof, root) {
  need(Number.isInteger(index) && index >= 0 && index < size, "the leaf number is outside the tree");
  let [node, last, now] = [index, size - 1, leaf];
  for (const sibling of proof) {
    need(last > 0 && sibling.length === 32, "the proof is too long");
    const isLeft = node % 2 === 1 || node === last;
    now = await digest("SHA-256", Uint8Array.of(1), ...(isLeft ? [sibling, now] : [now, sibling]));
    while (isLeft && node && node % 2 === 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  need(last === 0 && hex(now) === hex(root), "the proof does not lead to the root");
}

function sorted(value) {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${sorted(value[key])}`).join(",")}}`;
}

/** Return a sentence about the act, or throw: what differs. */
export async function verifyReceipt(receipt, key) {
  const [size, root] = await openCheckpoint(receipt.checkpoint, await follow(key.trim(), receipt.keys || {}));
  const leaf = await digest("SHA-256", Uint8Array.of(0), utf8.encode(receipt.entry));
  await checkInclusion(leaf, receipt.index, size, receipt.proof.map(decode), root);
  const act = JSON.parse(receipt.entry);
  let rows = act.rows;
  if (!Array.isArray(rows)) {
    const said = hex(await digest("SHA-256", utf8.encode(sorted(receipt.rows))));
    need(said === rows.sha256, "the list of rows differs from the entry");
    rows = receipt.rows;
  }
  const reason = (receipt.reason || []).join("");
  if (reason) {
    const said = hex(await digest("SHA-256", utf8.encode(reason)));
    need(said === act.reason.salted_sha256, "the reason differs from the entry");
  }
  const known = new Set(rows.map((row) => row.sha256));
  for (const record of receipt.records ?? []) {
    need(known.has(hex(await digest("SHA-256", utf8.encode(record)))), `a record differs: ${record.slice(0, 80)}`);
  }
  return `#${receipt.index} ${act.event} ${act.subject} ${act.at}`;
}

for (const place of globalThis.document?.querySelectorAll("[data-receipt-check]") ?? []) {
  const answer = place.querySelector("[data-answer]");
  place.querySelector("[data-check]").addEventListener("click", async () => {
    const file = place.querySelector("input[type=file]").files[0];
    answer.className = "";
    answer.textContent = place.dataset.nothing;
    if (!file) return;
    try {
      const said = await verifyReceipt(JSON.parse(await file.text()), place.querySelector("#receipt-key").value);
      answer.textContent = `${place.dataset.agrees} ${said}`;
    } catch (problem) {
      answer.className = "late";
      answer.textContent = `${place.dataset.differs} ${problem.message}`;
    }
  });
}
