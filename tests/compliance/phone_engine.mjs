// Runs static/js/field/law.js as the phone does, over cases from standard input, and prints its verdicts; over showings, its facts.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [law, cel] = process.argv.slice(2);
const { pack, cases, held = [], showings = [] } = JSON.parse(readFileSync(0, "utf8"));
const home = mkdtempSync(join(tmpdir(), "phone-"));
const field = join(home, "static", "js", "field");
mkdirSync(field, { recursive: true });
mkdirSync(join(home, "static", "vendor"));
writeFileSync(join(home, "package.json"), '{"type": "module"}');
writeFileSync(join(home, "static", "vendor", "cel.js"), `export * from ${JSON.stringify(pathToFileURL(cel).href)};`);
writeFileSync(join(field, "bundle.js"), "export const part = async () => ({ pack: globalThis.pack, held: globalThis.held });");
writeFileSync(join(field, "words.js"), "export const say = (key) => key;");
writeFileSync(join(field, "law.js"), readFileSync(law));

globalThis.pack = pack;
globalThis.held = held;
const { judge, showFacts } = await import(pathToFileURL(join(field, "law.js")).href);
const verdicts = [];
for (const { point, facts, day } of cases) {
  const { refusals } = await judge(point, facts, day);
  verdicts.push(refusals.map(({ rule, message, instead, blocks }) => ({ rule, message, instead, blocks })));
}
const shown = showings.map(({ material, doctor, now, bookings }) => showFacts(material, doctor, Date.parse(now), bookings));
process.stdout.write(JSON.stringify(showings.length ? shown : verdicts));
