// What was heard of harm, a question for medical, a need, a plan: kept on the phone first, with a number when it can be.
import { part } from "./bundle.js";
import { faults, flashFor, keepAndSend, leave, post, showRefusal } from "./forms.js";
import { noteHits } from "./guard.js";
import { append } from "./ops.js";
import { inLanguage, say } from "./words.js";

const value = (form, name) => form.elements[name]?.value?.trim() ?? "";

async function sendSafety(form) {
  const payload = {
    doctor_id: value(form, "doctor_id") || new URLSearchParams(location.search).get("doctor"),
    aware_at: new Date().toISOString(),
    kind: value(form, "kind"),
    seriousness: value(form, "seriousness"),
    words: { event: value(form, "event"), product: value(form, "product"), patient: value(form, "patient"), reporter: value(form, "reporter") },
  };
  const { answer } = await keepAndSend("safety.report", payload, { title: form.dataset.title });
  const done = answer?.answer?.answer;
  if (done?.safety) location.assign(`/field/safety/${done.safety}/`);
  else leave("/field/", answer ? flashFor(answer) : say("safety_kept"));
}

async function sendWords(form) {
  const name = form.dataset.form === "inquiry.ask" ? "text" : "question";
  const text = value(form, name);
  const found = text ? [] : [{ text: say("question_missing"), target: `id_${name}` }];
  for (const hit of noteHits(text, (await part("rules"))?.note)) found.push({ text: say("note_hit", { what: inLanguage(hit.label) }), target: `id_${name}` });
  faults(form, found);
  if (found.length) return;
  const payload = { doctor_id: form.dataset.doctor, [name]: text };
  if (form.dataset.form === "inquiry.ask") payload.is_unsolicited = form.elements.is_unsolicited.checked;
  const { answer } = await keepAndSend(form.dataset.form, payload, { title: form.dataset.title });
  leave(`/field/doctors/${form.dataset.doctor}/`, flashFor(answer));
}

async function sendPlan(form) {
  const response = navigator.onLine ? await post(form) : null;
  if (response?.status === 409) return showRefusal(await response.text());
  if (response?.status === 400) return form.submit(); // the server's own page names the faults
  if (response) return location.assign(response.url);
  const ticked = (name) => Array.from(form.querySelectorAll(`[name="${name}"]:checked`), (box) => box.value);
  await append("visit.plan", {
    doctor_id: form.dataset.doctor, planned_at: `${value(form, "planned_at")}:00+08:00`, channel: value(form, "channel"),
    purpose: value(form, "purpose"), place: value(form, "place"), product_ids: ticked("products"),
    material_ids: ticked("materials"),
  }, { title: form.dataset.title });
  return leave("/field/", say("kept"));
}

const SEND = { "safety.report": sendSafety, "inquiry.ask": sendWords, "need.capture": sendWords, "visit.plan": sendPlan };

export function bindSafety() {
  for (const form of document.querySelectorAll("form[data-form]")) {
    const send = SEND[form.dataset.form];
    if (!send) continue;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      form.setAttribute("aria-busy", "true");
      try {
        await send(form);
      } catch (error) {
        faults(form, [{ text: error.name === "QuotaExceededError" ? say("not_saved") : String(error.message ?? error) }]);
      }
      form.removeAttribute("aria-busy");
    });
  }
}
