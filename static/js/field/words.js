// Words of the page, from its gettext'ed JSON catalogue. A missing word shows its key, so a test finds it.
let catalogue = null;

export function words() {
  const element = document.getElementById("field-words");
  catalogue ??= element ? JSON.parse(element.textContent) : {};
  return catalogue;
}

export function reloadWords() {
  if (document.getElementById("field-words")) catalogue = null;
}

export function say(key, values = {}) {
  const text = words()[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const isChinese = () => document.documentElement.lang.toLowerCase().startsWith("zh");

export function inLanguage(text) {
  if (typeof text !== "object" || text === null) return text ?? "";
  return (isChinese() ? text.zh : text.en) ?? text.zh ?? text.en ?? "";
}

const SHANGHAI = { timeZone: "Asia/Shanghai", hour12: false };

export function clockTime(value) {
  return new Date(value).toLocaleTimeString("zh-CN", { ...SHANGHAI, hour: "2-digit", minute: "2-digit" });
}

export function dayTime(value) {
  return new Date(value).toLocaleString("zh-CN", { ...SHANGHAI, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
}

// The day in Shanghai as ISO text: every day of this app is Shanghai's, wherever the phone is.
export function localDay(value = Date.now()) {
  return new Date(value).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
}
