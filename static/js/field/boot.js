// The phone app's first script: take the store over, register the worker, fill the shell, bind what the page has.
import { bindDoctors } from "./doctors.js";
import { drainOften } from "./drain.js";
import { askToStay, canWorkOffline, isIosWeChat } from "./env.js";
import { bindForms } from "./forms.js";
import { keepDay } from "./keep.js";
import { bindLog } from "./log.js";
import { bindMine } from "./mine.js";
import { bindSafety } from "./safety.js";
import { isShell, urls, userId } from "./settings.js";
import { fillShell } from "./shell.js";
import { takeOver } from "./store.js";
import { bindStrip, strip } from "./strip.js";
import { bindToday } from "./today.js";
import { bindChoice, bindLibrary, bindViewer } from "./viewer.js";
import { say } from "./words.js";

async function start() {
  if (!canWorkOffline()) {
    strip("storage", isIosWeChat() ? say("wechat") : say("no_storage"));
    bindForms(false);
    return;
  }
  if (isShell()) {
    if (!(await fillShell())) return;
  } else if (userId()) await takeOver();
  navigator.serviceWorker.register(urls.worker, { scope: "/field/" });
  bindStrip();
  for (const bind of [() => bindForms(true), bindDoctors, bindLog, bindSafety, bindToday, bindChoice, bindLibrary, bindViewer, bindMine]) await bind();
  document.documentElement.dataset.ready = "1";
  drainOften();
  keepDay();
  askToStay();
}

start();
