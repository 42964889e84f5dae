// The log of a visit: filled in already, kept while one writes, stored on the phone first, sent when it can be.
import { part } from "./bundle.js";
import { clockState } from "./clock.js";
import { faults, flashFor, keepAndSend, leave } from "./forms.js";
import { noteHits } from "./guard.js";
import { judge } from "./law.js";
import { append } from "./ops.js";
import { askReasons, reasonsIn } from "./reasons.js";
import { get, put, remove, store } from "./store.js";
import { uuid7 } from "./uuid.js";
import { clockTime, inLanguage, localDay, say } from "./words.js";

const AUTOSAVE_MS = 250;
const ROUTINE_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

const stamp = (day, time) => `${day}T${time.slice(0, 5)}:00+08:00`;
const checked = (form, name) => Array.from(form.querySelectorAll(`[name="${name}"]:checked`));

function saved(text) {
  const badge = document.querySelector("[data-saved]");
  if (!badge) return;
  badge.hidden = false;
  badge.querySelector("[data-saved-words]").textContent = text;
}

function times(form) {
  const now = Date.now();
  const planned = Date.parse(form.dataset.planned ?? "");
  const began = planned <= now && now - planned < 2 * 60 * 60_000 ? planned : now - ROUTINE_MS;
  form.elements.day.value = localDay(now);
  form.elements.started.value = localDay(began) === localDay(now) ? clockTime(began) : "00:00";
  form.elements.ended.value = clockTime(now);
}

function words(form) {
  form.querySelector("[data-times]").textContent = `${form.elements.started.value.slice(0, 5)}–${form.elements.ended.value.slice(0, 5)}`;
  const ended = Date.parse(stamp(form.elements.day.value, form.elements.ended.value));
  form.querySelector("[data-late]").hidden = Date.now() - ended <= DAY_MS;
}

async function showings(form) {
  const { db, key } = await store();
  const { unseal } = await import("./vault.js");
  const place = form.querySelector("[data-shown]");
  for (const row of await db.getAll("shows")) {
    const show = await unseal(key, row.sealed);
    if (show.doctor !== form.dataset.doctor || form.querySelector(`[data-version="${show.version}"]`)) continue;
    const label = document.createElement("label");
    label.className = "mat";
    const text = document.createElement("span");
    text.textContent = show.title;
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name: "shown", value: row.id, checked: true });
    Object.assign(box.dataset, { version: show.version, shownAt: show.shown_at });
    label.append(text, box);
    place.append(label);
  }
}

function snapshot(form) {
  const fields = {};
  for (const element of form.elements) {
    if (!element.name || element.name === "csrfmiddlewaretoken") continue;
    if (element.type === "checkbox" || element.type === "radio") (fields[element.name] ??= []).push(...(element.checked ? [element.value] : []));
    else fields[element.name] = element.value;
  }
  return fields;
}

function restore(form, fields) {
  for (const element of form.elements) {
    if (!(element.name in fields)) continue;
    if (element.type === "checkbox" || element.type === "radio") element.checked = fields[element.name].includes(element.value);
    else element.value = fields[element.name];
  }
}

async function payload(form) {
  const fields = snapshot(form);
  const shown = [];
  for (const box of checked(form, "shown")) {
    const kept = await get("shows", box.value);
    shown.push({ version_id: box.dataset.version, shown_at: box.dataset.shownAt, showing_id: box.value, pages: kept?.pages ?? [] });
  }
  return {
    visit_id: fields.visit_id,
    doctor_id: form.dataset.doctor,
    started_at: stamp(fields.day, fields.started),
    ended_at: stamp(fields.day, fields.ended),
    channel: fields.channel,
    purpose: fields.purpose,
    place: fields.place,
    talks: fields.topics.map((topic) => ({ product_id: topic.split("|")[0], claim_id: topic.split("|")[1] || null, reaction: fields.reaction || null })),
    shown,
    needs: fields.need ? [fields.need] : [],
    follow_up: fields.follow_up ? { text: fields.follow_up, due_on: fields.follow_up_on || localDay(Date.now() + 7 * DAY_MS) } : null,
    note: fields.note,
    ae_answer: fields.ae_answer[0] ?? "",
    late_reason: fields.late_reason,
  };
}

async function check(form, body) {
  const found = [];
  if (!body.talks.length && form.querySelector('[name="topics"]')) found.push({ text: say("topics_missing"), target: "id_topics_0" });
  if (!body.ae_answer) found.push({ text: say("answer_missing"), target: "id_ae_answer_0" });
  if (Date.parse(body.ended_at) < Date.parse(body.started_at)) found.push({ text: say("times_wrong"), target: "id_ended" });
  if (Date.now() - Date.parse(body.ended_at) > DAY_MS && !body.late_reason) found.push({ text: say("late_missing"), target: "id_late_reason" });
  const patterns = (await part("rules"))?.note;
  for (const [text, target] of [[body.note, "id_note"], [form.elements.need?.value ?? "", "id_need"]]) {
    for (const hit of noteHits(text, patterns)) found.push({ text: say("note_hit", { what: inLanguage(hit.label) }), target });
  }
  return found;
}

// What the phone knows of a visit that is about to be submitted, for the rules that ask a reason.
async function submitVerdict(body, day) {
  const facts = (await part("visits"))?.[body.visit_id] ?? (await part("rules"))?.standing;
  if (!facts) return null;
  const minutes = (until, since) => Math.max(0, Math.floor((until - since) / 60_000));
  const ended = Date.parse(body.ended_at);
  const clock = await clockState();
  return judge("visit.submit", {
    ...facts, visit_on: day, channel: body.channel, purpose: body.purpose, safety_answered: Boolean(body.ae_answer),
    safety_event: body.ae_answer === "reported", safety_report_linked: body.ae_answer === "reported",
    late_reason_given: Boolean(body.late_reason), minutes_to_save: minutes(Date.now(), ended),
    duration_minutes: minutes(ended, Date.parse(body.started_at)), times_unproven: clock.offset_ms !== null && !clock.proven,
  }, day);
}

async function warn(form) {
  const place = form.querySelector("[data-note-hit]");
  const hits = noteHits(form.elements.note.value, (await part("rules"))?.note);
  place.hidden = !hits.length;
  place.textContent = hits.length ? say("note_hit", { what: hits.map((hit) => inLanguage(hit.label)).join("、") }) : "";
}

async function submit(form, draft) {
  const body = await payload(form);
  const found = await check(form, body);
  faults(form, found);
  if (found.length) return;
  const verdict = await submitVerdict(body, form.elements.day.value).catch(() => null);
  if (verdict && askReasons(form, verdict.refusals).length) return;
  body.reasons = reasonsIn(form);
  const title = form.dataset.title;
  try {
    if (body.ae_answer === "reported") {
      await append("safety.report", {
        doctor_id: body.doctor_id, visit_id: body.visit_id, product_id: body.talks[0]?.product_id ?? null, aware_at: body.ended_at,
        words: { event: form.elements.ae_event.value, patient: form.elements.ae_patient.value },
      }, { title, subject: body.visit_id });
    }
    const { answer } = await keepAndSend("visit.submit", body, { title, subject: body.visit_id });
    await remove("drafts", draft);
    for (const shown of body.shown) await remove("shows", shown.showing_id);
    leave("/field/", flashFor(answer));
  } catch (error) {
    faults(form, [{ text: error.name === "QuotaExceededError" ? say("not_saved") : String(error.message ?? error) }]);
  }
}

export async function bindLog() {
  const form = document.querySelector('form[data-form="visit.submit"]');
  if (!form) return;
  const draft = `visit.submit:${form.dataset.doctor}`;
  const kept = await get("drafts", draft);
  await showings(form);
  let touchedTimes = Boolean(kept?.touchedTimes);
  if (!touchedTimes) times(form);
  if (kept) restore(form, touchedTimes ? kept.fields : { ...kept.fields, day: form.elements.day.value, started: form.elements.started.value, ended: form.elements.ended.value });
  form.elements.visit_id.value ||= uuid7();
  words(form);
  const aeBox = form.querySelector("[data-ae-box]");
  const openAe = () => { aeBox.hidden = form.elements.ae_answer.value !== "reported"; };
  openAe();
  let timer = null;
  const autosave = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        await put("drafts", draft, { fields: snapshot(form), touchedTimes });
        saved(say("saved_here", { time: clockTime(Date.now()) }));
      } catch {
        saved(say("not_saved"));
      }
    }, AUTOSAVE_MS);
  };
  form.addEventListener("input", (event) => {
    if (["day", "started", "ended"].includes(event.target.name)) touchedTimes = true;
    if (event.target.name === "note") warn(form);
    openAe();
    words(form);
    autosave();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    if (!touchedTimes) times(form);
    clearTimeout(timer);
    await submit(form, draft);
    form.removeAttribute("aria-busy");
  });
}
