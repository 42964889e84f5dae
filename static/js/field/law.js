// The rule book on the phone: the same text, run by the same language's engine, over facts the phone knows.
import { part } from "./bundle.js";
import { say } from "./words.js";

const STOPPING = new Set(["禁止", "避免", "应当"]);
let engine = null;

async function cel() {
  if (engine) return engine;
  const { CelScalar, celEnv, celFunc, isCelError, parse, plan } = await import("../../vendor/cel.js");
  const whole = (value) => {
    const sign = value < 0n ? "-" : "";
    const fen = value < 0n ? -value : value;
    const yuan = (fen / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
    return sign + yuan + (fen % 100n ? `.${String(fen % 100n).padStart(2, "0")}` : "");
  };
  const percent = (points) => `${(Number(points) / 100).toFixed(2).replace(/\.?0+$/, "")}%`;
  const env = celEnv({
    funcs: [celFunc("money", [CelScalar.INT], CelScalar.STRING, whole), celFunc("percent", [CelScalar.INT], CelScalar.STRING, percent)],
  });
  const programs = new Map();
  engine = (source, values) => {
    if (!programs.has(source)) programs.set(source, plan(env, parse(source)));
    const value = programs.get(source)(values);
    if (isCelError(value)) throw value;
    return value;
  };
  return engine;
}

// CEL tells 1 from 1.0: whole numbers go in as big integers.
function plain(value) {
  if (typeof value === "number") return BigInt(Math.trunc(value));
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  return value;
}

function figuresOn(pack, rule, day) {
  const own = { ...rule.parameters };
  for (const figure of pack.figures) {
    if (figure.rule === rule.id && figure.valid_from <= day && (!figure.valid_until || day < figure.valid_until)) own[figure.name] = figure.value;
  }
  return own;
}

function said(sentences, shown) {
  const fill = (text, between) => text.replace(/\{(\w+)\}/g, (_, name) => (Array.isArray(shown[name]) ? shown[name].join(between) : String(shown[name] ?? "")));
  return { zh: fill(sentences.zh ?? "", "、"), en: fill(sentences.en ?? "", ", ") };
}

function listed(value) {
  return value && typeof value === "object" && Symbol.iterator in value ? Array.from(value) : value;
}

// What of an act is on hold, by what the server told: what the facts rest on, the person, the rules that judge it.
function heldNow(held, facts, judging) {
  const named = new Set([...(facts.subjects ?? []), ...judging.map((rule) => `rule:${rule.id}`)]);
  return (held ?? []).filter((subject) => subject.startsWith("user:") || named.has(subject));
}

const judges = (rule, point, day) =>
  (rule.at.includes(point) || rule.at.includes("*")) && rule.valid_from <= day && (!rule.valid_until || rule.valid_until > day);

// Returns the breaches of the book kept on this phone, or null while it keeps none.
export async function judge(point, facts, day) {
  const rules = await part("rules");
  const pack = rules?.pack;
  const shape = pack?.points?.[point];
  if (!shape) return null;
  const run = await cel();
  const defaults = Object.fromEntries(Object.entries(shape.facts).map(([name, field]) => [name, field.default]));
  const values = plain({ ...defaults, ...facts });
  const refusals = [];
  const judging = pack.rules.filter((rule) => judges(rule, point, day));
  const held = heldNow(rules.held, facts, judging);
  for (const rule of judging) {
    const root = shape.root in rule.breach_when ? shape.root : "act";
    const figures = figuresOn(pack, rule, day);
    const bindings = { [shape.root]: values, act: plain({ point, on: day, held }), params: plain(figures) };
    let breach;
    let shown = {};
    let fault = false;
    try {
      breach = run(rule.breach_when[root], bindings);
      if (breach) for (const [name, source] of Object.entries(rule.show[root] ?? {})) shown[name] = listed(run(source, bindings));
    } catch {
      breach = true;
      fault = true;
      shown = {};
    }
    if (!breach) continue;
    const adopted = figures.adopted !== false;
    refusals.push({
      rule: rule.id,
      grade: rule.grade,
      message: fault ? { zh: say("fault"), en: say("fault") } : said(rule.message, shown),
      instead: fault ? { zh: "", en: "" } : said(rule.instead, shown),
      sources: rule.sources,
      blocks: STOPPING.has(rule.grade) && adopted,
      asks: rule.grade === "关注" && adopted && !fault,
    });
  }
  return { pack: pack.pack, refusals, breached: refusals.filter((refusal) => refusal.blocks).map((refusal) => refusal.rule) };
}

const fits = (wanted, value) => !wanted.length || (value !== "" && wanted.includes(value));

// Whether the hospital where a doctor is met waits for a booking now, by the times the server told of.
function bookingFacts(bookings, doctor, now) {
  const { hospital, at_hospital } = bookings?.places?.[doctor?.id] ?? { hospital: doctor?.hospital_id, at_hospital: true };
  const booking_required = Boolean(hospital && at_hospital && bookings?.required?.includes(hospital));
  const covers = (each) => each.hospital === hospital && Date.parse(each.from) <= now && now < Date.parse(each.until);
  return { booking_required, booking_accepted: booking_required && bookings.accepted.some(covers) };
}

export function showFacts(material, doctor, now = Date.now(), bookings = null) {
  const { tiers, departments, hospital_levels: levels } = material.sides;
  return {
    ...material.facts,
    ...bookingFacts(bookings, doctor, now),
    audience_matches: doctor ? fits(tiers, doctor.tier) && fits(departments, doctor.department) && fits(levels, doctor.hospital_level) : false,
    lease_valid: Date.parse(material.lease_until) > now,
    viewer_stopped: doctor ? doctor.stopped : false,
    subjects: [...(material.facts.subjects ?? []), ...(doctor?.id ? [`doctor:${doctor.id}`] : []), ...(doctor?.held ?? [])],
  };
}
