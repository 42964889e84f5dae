// A rule of grade 关注 lets an act go on and asks why: at once, in the form, with signal or without.
import { box } from "./verdict.js";
import { say } from "./words.js";

const PREFIX = "reason-";
const fieldOf = (form, rule) => form.elements[PREFIX + rule];

function question(refusal) {
  const place = document.createElement("div");
  place.className = "pform f";
  const id = `id_${PREFIX}${refusal.rule}`;
  const label = document.createElement("label");
  Object.assign(label, { className: "f__label", htmlFor: id, textContent: say("reason_asked") });
  const text = document.createElement("textarea");
  Object.assign(text, { id, name: PREFIX + refusal.rule, className: "form-control", rows: 2, maxLength: 2000, required: true });
  place.append(box(refusal), label, text);
  return place;
}

// Ask in the form for every reason that is still missing. Returns the fields left to fill; none: it may be sent.
export function askReasons(form, refusals) {
  const asked = refusals.filter((refusal) => refusal.asks);
  for (const refusal of asked) {
    if (!fieldOf(form, refusal.rule)) {
      const last = form.querySelector("button[type=submit], button:not([type])");
      form.insertBefore(question(refusal), last?.parentElement === form ? last : null);
    }
  }
  const missing = asked.map((refusal) => fieldOf(form, refusal.rule)).filter((field) => !field.value.trim());
  if (missing.length) {
    missing[0].focus();
    missing[0].scrollIntoView({ block: "center" });
  }
  return missing;
}

export function reasonsIn(form) {
  const given = {};
  for (const element of form.elements) if (element.name?.startsWith(PREFIX) && element.value.trim()) given[element.name.slice(PREFIX.length)] = element.value.trim();
  return given;
}
