// Runs the phone's engine over the conformance cases of @bufbuild/cel-spec and prints every case with its outcome.
import { pathToFileURL } from "node:url";

const [celFile, casesFile] = process.argv.slice(2);
const { celEnv, isCelError, parse, plan } = await import(pathToFileURL(celFile).href);
const { tests } = await import(pathToFileURL(casesFile).href);
const env = celEnv();

// A value of a case as a plain one, or undefined where rules have no such type.
function given(value) {
  if (value === undefined) return undefined;
  if ("int64Value" in value) return BigInt(value.int64Value);
  if ("stringValue" in value) return value.stringValue;
  if ("boolValue" in value) return value.boolValue;
  if ("listValue" in value) {
    const members = (value.listValue.values ?? []).map(given);
    return members.includes(undefined) ? undefined : members;
  }
  return undefined;
}

function shown(value) {
  if (typeof value === "bigint") return { int: value.toString() };
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value && typeof value === "object" && Symbol.iterator in value) return Array.from(value, shown);
  return { other: String(value) };
}

function run(expression, bindings) {
  try {
    const value = plan(env, parse(expression))(bindings);
    return isCelError(value) ? { error: true } : { value: shown(value) };
  } catch {
    return { error: true };
  }
}

const found = [];
function walk(suite, path) {
  for (const one of suite.suites ?? []) walk(one, [...path, one.name]);
  for (const { original } of suite.tests ?? []) {
    const bindings = {};
    let plain = !original.typeEnv?.some((one) => one.function) && !original.container;
    for (const [name, bound] of Object.entries(original.bindings ?? {})) {
      bindings[name] = given(bound.value ?? {});
      plain &&= bindings[name] !== undefined;
    }
    const fails = Boolean(original.evalError);
    const wanted = fails ? { error: true } : given(original.value ?? { boolValue: true });
    if (!plain || wanted === undefined || original.typedResult) continue;
    found.push({
      name: [...path, original.name].join("/"),
      expression: original.expr,
      bindings: Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, shown(value)])),
      wanted: fails ? wanted : { value: shown(wanted) },
      phone: run(original.expr, bindings),
    });
  }
}
walk(tests, []);
process.stdout.write(JSON.stringify(found));
