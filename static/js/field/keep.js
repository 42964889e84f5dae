// Keep the day fresh: the bundle on each page and every five minutes, withdrawn materials every thirty seconds.
import { dropLapsed, pollWithdrawn, refresh } from "./bundle.js";
import { isShell, keepsDay, userId } from "./settings.js";
import { owner } from "./store.js";

const quietly = (promise) => promise.catch(() => {});

export function keepDay() {
  if (!isShell() && (!keepsDay() || userId() !== owner())) return;
  const fresh = () => navigator.onLine && quietly(refresh().then(() => document.dispatchEvent(new CustomEvent("field:kept"))));
  const withdrawn = () => navigator.onLine && quietly(pollWithdrawn());
  quietly(dropLapsed());
  fresh();
  setInterval(fresh, 5 * 60_000);
  setInterval(withdrawn, 30_000);
  setInterval(() => quietly(dropLapsed()), 60_000);
  window.addEventListener("online", fresh);
}
