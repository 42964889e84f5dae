// A verdict on the phone looks like one of the server: what, why, what instead.
import { inLanguage, say } from "./words.js";

const LOOK = { 禁止: "ban", 避免: "avoid", 应当: "shall", 关注: "watch", 建议: "advise", 倡导: "advise", 可以: "may" };
const WORD = { ban: "grade_ban", avoid: "grade_avoid", shall: "grade_shall", watch: "grade_watch", advise: "grade_advise", may: "grade_advise" };

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

export function box(refusal) {
  const tone = LOOK[refusal.grade] ?? "ban";
  const section = element("section", `verdict v-${tone}`);
  section.setAttribute("role", "alert");
  section.dataset.rule = refusal.rule;
  const header = element("header");
  header.append(element("span", `grade g-${tone}`, say(WORD[tone])), element("span", "", inLanguage(refusal.message)));
  const list = element("dl");
  const basis = element("dd");
  const laws = refusal.sources.filter((source) => source.confidence !== "M");
  for (const source of laws) {
    const clause = element("span", "clause");
    clause.append(element("b", "", refusal.rule), ` ${source.instrument} ${source.clause}`);
    basis.append(clause);
  }
  if (!laws.length) basis.append(element("b", "", refusal.rule), ` ${say("policy")}`);
  list.append(element("dt", "", say("basis")), basis);
  const instead = inLanguage(refusal.instead);
  if (instead) list.append(element("dt", "", say(tone === "shall" ? "to_do" : "instead")), element("dd", "", instead));
  section.append(header, list);
  return section;
}

export function showVerdict(place, refusals) {
  place.replaceChildren(...refusals.filter((refusal) => refusal.blocks !== false).map(box));
  place.scrollIntoView({ block: "nearest" });
}
