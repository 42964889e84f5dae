// What is on the phone but not at the server shows in the plan of the day: 已保存本机 → 等待上传 → 已上传.
import { onChange, openOperation, waiting } from "./ops.js";
import { say } from "./words.js";

function state(text, tone) {
  const badge = document.createElement("span");
  badge.className = `state s-${tone}`;
  badge.dataset.opState = "";
  badge.textContent = text;
  return badge;
}

async function paint() {
  const extra = document.querySelector("[data-offline-visits]");
  for (const badge of document.querySelectorAll("[data-op-state]")) badge.remove();
  extra.replaceChildren();
  for (const row of await waiting()) {
    if (row.kind !== "visit.submit") continue;
    const label = navigator.onLine ? say("state_waiting") : say("state_local");
    const tone = navigator.onLine ? "waiting" : "local";
    const line = document.querySelector(`[data-visit="${row.subject}"]`);
    if (line) {
      line.classList.add("done");
      line.classList.remove("next");
      line.querySelector(".tier")?.setAttribute("hidden", "");
      line.querySelector(".nm").append(state(label, tone));
      continue;
    }
    const operation = await openOperation(row);
    const made = document.createElement("div");
    made.className = "vis done";
    const time = document.createElement("span");
    time.className = "tm";
    time.textContent = operation.payload.started_at.slice(11, 16);
    const name = document.createElement("span");
    name.className = "nm";
    const bold = document.createElement("b");
    bold.textContent = operation.title;
    name.append(bold, state(label, tone));
    made.append(time, name);
    extra.append(made);
  }
  lead();
}

// The next act is the only loud thing: it moves on when a visit was logged on this phone.
function lead() {
  const rows = Array.from(document.querySelectorAll(".vis[data-visit]"));
  const next = rows.find((row) => row.classList.contains("next")) ?? rows.find((row) => !row.classList.contains("done") && !row.nextElementSibling?.matches(".vis-verdict"));
  const button = document.querySelector(".pact .btn-primary");
  if (!next || !button || next.classList.contains("next")) return;
  next.classList.add("next");
  button.href = `${next.getAttribute("href")}log/`;
  button.lastChild.textContent = say("log_visit_of", { name: next.querySelector("b").textContent });
}

export async function bindToday() {
  if (!document.querySelector('[data-page="today"]')) return;
  onChange(() => paint().catch(() => {}));
  await paint();
}
