// Choose a material and show it: the law first, then page by page; the time a page is looked at is kept.
import { dropVersions, part } from "./bundle.js";
import { leave, post, showRefusal } from "./forms.js";
import { judge, showFacts } from "./law.js";
import { csrf } from "./settings.js";
import { get, getImage, put } from "./store.js";
import { uuid7 } from "./uuid.js";
import { showVerdict } from "./verdict.js";
import { localDay, say } from "./words.js";

async function judgeHere(version, doctorId) {
  const material = ((await part("materials")) ?? []).find((each) => each.version === version);
  const doctor = ((await part("doctors")) ?? []).find((each) => each.id === doctorId);
  if (!material) return { material, verdict: null };
  const bookings = (await part("rules"))?.bookings;
  return { material, verdict: await judge("material.show", showFacts(material, doctor, Date.now(), bookings), localDay()) };
}

async function showHere(version, doctorId, place) {
  const started = performance.now();
  const { material, verdict } = await judgeHere(version, doctorId);
  document.documentElement.dataset.verdictMs = String(Math.round(performance.now() - started));
  if (!material || !verdict) return leave(location.pathname, say("not_here"));
  if (verdict.breached.length) return showVerdict(place, verdict.refusals);
  const id = uuid7();
  await put("shows", id, { doctor: doctorId, version, title: `${material.title} v${material.number}`, shown_at: new Date().toISOString(), pages: [] });
  return location.assign(`/field/showings/${id}/`);
}

export function bindChoice() {
  const section = document.querySelector('[data-page="choose"]');
  if (!section) return;
  const place = section.querySelector("[data-refused]");
  for (const form of section.querySelectorAll("form[data-show]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const response = navigator.onLine ? await post(form) : null;
      if (!response) return showHere(form.dataset.show, section.dataset.doctor, place);
      if (response.status !== 409) return location.assign(response.url);
      return showRefusal(await response.text(), place);
    });
  }
  const gone = (event) => event.detail.forEach((version) => section.querySelector(`form[data-show="${version}"]`)?.remove());
  document.addEventListener("field:withdrawn", gone);
}

// The list of what may be shown loses what is withdrawn while it lies open.
export function bindLibrary() {
  const section = document.querySelector('[data-page="library"]');
  if (!section) return;
  document.addEventListener("field:withdrawn", (event) => {
    event.detail.forEach((version) => section.querySelector(`[data-version="${version}"]`)?.remove());
  });
}

// Without signal the viewer is built from the phone's own page images.
async function build() {
  const id = location.pathname.match(/\/field\/showings\/([^/]+)\//)?.[1];
  const show = id && (await get("shows", id));
  if (!show) return null;
  const material = ((await part("materials")) ?? []).find((each) => each.version === show.version);
  const main = document.getElementById("main");
  const viewer = document.createElement("div");
  viewer.className = "viewer";
  Object.assign(viewer.dataset, { viewer: id, version: show.version, doctor: show.doctor, shownAt: show.shown_at, title: show.title });
  for (const page of material?.pages ?? []) {
    const bytes = await getImage(show.version, page.number);
    const figure = document.createElement("figure");
    figure.className = "viewer__page";
    figure.dataset.number = page.number;
    const image = document.createElement("img");
    image.alt = `${show.title} ${page.number}`;
    if (bytes) image.src = URL.createObjectURL(new Blob([bytes], { type: "image/webp" }));
    else image.alt = say("no_image");
    figure.append(image);
    viewer.append(figure);
  }
  const back = document.createElement("a");
  back.className = "btn btn-primary w-100";
  back.href = `/field/doctors/${show.doctor}/log/`;
  back.textContent = say("log_visit");
  const bar = document.createElement("div");
  bar.className = "pact low";
  bar.append(back);
  document.querySelector(".phead h1").textContent = show.title;
  document.querySelector(".pnav")?.remove();
  document.querySelector(".pact")?.remove();
  main.replaceChildren(viewer);
  main.after(bar);
  return viewer;
}

function measure(viewer) {
  const dwell = new Map();
  let current = 1;
  let since = performance.now();
  const pages = viewer.querySelectorAll("[data-number]");
  const count = () => {
    if (document.visibilityState === "visible") dwell.set(current, (dwell.get(current) ?? 0) + performance.now() - since);
    since = performance.now();
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      count();
      current = Number(entry.target.dataset.number);
      const words = document.querySelector("[data-page-words]");
      if (words) words.textContent = say("page_of", { page: current, pages: pages.length });
    }
  }, { threshold: 0.55 });
  pages.forEach((page) => watcher.observe(page));
  return () => {
    count();
    return Array.from(dwell, ([page, ms]) => ({ page, dwell_ms: Math.round(ms) })).filter((each) => each.dwell_ms > 0);
  };
}

export async function bindViewer() {
  const viewer = document.querySelector("[data-viewer]") ?? (location.pathname.startsWith("/field/showings/") ? await build() : null);
  if (!viewer) return;
  const { viewer: id, version, doctor, shownAt, title } = viewer.dataset;
  const told = measure(viewer);
  const keep = () => {
    const pages = told();
    put("shows", id, { doctor, version, title, shown_at: shownAt, pages }).catch(() => {});
    if (navigator.onLine && pages.length) {
      fetch(`/field/showings/${id}/views/`, {
        method: "POST", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() }, body: JSON.stringify(pages),
      }).catch(() => {});
    }
  };
  keep();
  setInterval(keep, 2000);
  window.addEventListener("pagehide", keep);
  document.addEventListener("field:withdrawn", (event) => {
    if (!event.detail.includes(version)) return;
    viewer.replaceChildren();
    dropVersions([version]);
  });
}
