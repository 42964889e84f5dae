// What the server tells the page: who is signed in, where things are. No personal data.
const root = document.documentElement;
const read = (name) => document.querySelector(`meta[name="field-${name}"]`)?.content ?? "";

export const userId = () => read("user");
export const keepsDay = () => read("keeps-day") === "1";
export const isShell = () => read("shell") === "1";
export const urls = {
  sync: "/field/sync/",
  bundle: "/field/bundle.json",
  withdrawn: "/field/withdrawn.json",
  home: "/field/",
  worker: "/field/sw.js",
};
export const language = () => root.lang;

export function csrf() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]*)/)?.[1] ?? "";
}
