// The day in the pocket: pages, doctors, materials with leases, rules. Only parts whose hash changed are sent again.
import { contact } from "./clock.js";
import { urls } from "./settings.js";
import { dropImages, get, meta, put, putImage, remove, store } from "./store.js";

const STALE_MS = 24 * 60 * 60 * 1000;

export const part = (name) => get("parts", name);

export async function refresh() {
  const have = (await meta("have")) ?? {};
  const query = Object.entries(have).map(([name, hash]) => `${name}:${hash}`).join(",");
  const askedAt = Date.now();
  const response = await fetch(`${urls.bundle}?have=${encodeURIComponent(query)}`, { redirect: "error" });
  if (response.status === 401 || response.status === 403) return false;
  if (!response.ok) throw new Error(`bundle ${response.status}`);
  const body = await response.json();
  await contact(body.server_at, askedAt);
  const before = ((await part("materials")) ?? []).map((each) => each.version);
  for (const [name, { hash, value }] of Object.entries(body.parts)) {
    await put("parts", name, value);
    have[name] = hash;
  }
  const after = new Set(((await part("materials")) ?? []).map((each) => each.version));
  tell(before.filter((version) => !after.has(version)), true);
  await meta("have", have);
  await meta("fetched_at", new Date().toISOString());
  await images(await part("materials"));
  return true;
}

// Page images of what may be shown: fetched once, checked against their hash, sealed; anything else is dropped.
async function images(materials) {
  const { db } = await store();
  const wanted = new Map((materials ?? []).map((each) => [each.version, each]));
  const kept = new Set();
  for (const [version, page] of await db.getAllKeys("images")) {
    if (wanted.has(version)) kept.add(`${version}/${page}`);
    else await dropImages(version);
  }
  for (const material of wanted.values()) {
    for (const page of material.pages) {
      if (kept.has(`${material.version}/${page.number}`)) continue;
      const response = await fetch(page.url);
      if (response.ok) await putImage(material.version, page.number, await response.arrayBuffer(), page.sha256);
    }
  }
}

export async function dropVersions(versions) {
  const materials = (await part("materials")) ?? [];
  const gone = new Set(versions);
  if (!materials.some((each) => gone.has(each.version))) return false;
  for (const version of gone) await dropImages(version);
  await put("parts", "materials", materials.filter((each) => !gone.has(each.version)));
  const have = (await meta("have")) ?? {};
  delete have.materials;
  await meta("have", have);
  return true;
}

// Leases end without the network too.
export async function dropLapsed(now = Date.now()) {
  const materials = (await part("materials")) ?? [];
  const lapsed = materials.filter((each) => Date.parse(each.lease_until) <= now).map((each) => each.version);
  if (lapsed.length) await dropVersions(lapsed);
  const fetched = await meta("fetched_at");
  if (fetched && now - Date.parse(fetched) > 3 * STALE_MS) await remove("parts", "doctors");
}

export async function pollWithdrawn() {
  const since = (await meta("withdrawn_since")) ?? "";
  const response = await fetch(`${urls.withdrawn}?since=${encodeURIComponent(since)}`, { redirect: "error" });
  if (!response.ok) return;
  const body = await response.json();
  await meta("withdrawn_since", body.until);
  if (body.versions.length) tell(body.versions, await dropVersions(body.versions));
  const changed = `${body.consents_at}|${body.holds_at}`;
  if (changed !== (await meta("changed_at"))) {
    if (await refresh()) await meta("changed_at", changed);
  }
}

// The open page drops what it shows of them; the words are said once, when something really left the phone.
function tell(versions, isNews) {
  if (!versions.length) return;
  document.dispatchEvent(new CustomEvent("field:withdrawn", { detail: versions }));
  if (isNews) document.dispatchEvent(new CustomEvent("field:dropped"));
}
