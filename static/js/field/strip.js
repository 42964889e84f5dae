// One line under the header: offline, waiting, signed out. And the running clock's words.
import { drainState } from "./drain.js";
import { onChange, waiting } from "./ops.js";
import { urls } from "./settings.js";
import { say } from "./words.js";

export function strip(id, text, link = null) {
  const place = document.getElementById("strips");
  if (!place) return;
  let line = place.querySelector(`[data-strip="${id}"]`);
  if (!text) return line?.remove();
  if (!line) {
    line = document.createElement("div");
    line.className = "strip";
    line.dataset.strip = id;
    line.setAttribute("role", "status");
    place.append(line);
  }
  const words = document.createElement("span");
  words.textContent = text;
  line.replaceChildren(words);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.url;
    anchor.textContent = link.label;
    line.append(anchor);
  }
}

async function paint() {
  const count = (await waiting()).length;
  const link = { url: "/field/me/", label: say("waiting_count", { count }) };
  strip("offline", navigator.onLine ? "" : say("offline"), count ? link : null);
  strip("signed-out", drainState().signedOut ? say("signed_out") : "", { url: `/accounts/login/?next=${urls.home}`, label: say("sign_in") });
  const head = document.querySelector("[data-waiting-head]");
  if (head) {
    head.hidden = !count;
    head.textContent = say("waiting_head", { count });
  }
}

function clocks() {
  for (const line of document.querySelectorAll("[data-clock]")) {
    const left = Math.floor((Date.parse(line.dataset.clock) - Date.now()) / 60_000);
    const hours = Math.floor(left / 60);
    const words = left < 0 ? say("overdue") : hours ? say("hours_minutes", { hours, minutes: left % 60 }) : say("minutes", { minutes: left });
    line.querySelector("[data-clock-words]").textContent = words;
  }
}

export function bindStrip() {
  const flash = sessionStorage.getItem("field-flash");
  if (flash) strip("flash", flash);
  sessionStorage.removeItem("field-flash");
  onChange(() => paint().catch(() => {}));
  window.addEventListener("online", paint);
  window.addEventListener("offline", paint);
  document.addEventListener("field:dropped", () => strip("withdrawn", say("withdrawn")));
  paint();
  clocks();
  setInterval(clocks, 30_000);
}
