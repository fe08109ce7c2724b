// Follows a background job: asks every two seconds, slower after a minute, not while the tab is hidden.

import { showToast } from "./shell.js";

const FAST_MS = 2000;
const SLOW_MS = 6000;
const SLOW_AFTER_MS = 60_000;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

const WATCHED = "keel.jobs.watched";

followAll(document);
document.addEventListener("htmx:afterSettle", (event) => followAll(event.target.parentElement ?? document));
watchFromElsewhere();

function followAll(root) {
  for (const box of root.querySelectorAll("[data-job]:not([data-followed])")) {
    box.dataset.followed = "";
    remember(box);
    follow(box, performance.now(), 0);
  }
}

function follow(box, startedAt, spokenQuarter) {
  const wait = performance.now() - startedAt > SLOW_AFTER_MS ? SLOW_MS : FAST_MS;
  setTimeout(async () => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => follow(box, startedAt, spokenQuarter), { once: true });
      return;
    }
    const job = await ask(box.dataset.job);
    if (job) {
      spokenQuarter = draw(box, job, spokenQuarter);
      if (ENDED.has(job.status)) return end(box, job);
    }
    if (box.isConnected) follow(box, startedAt, spokenQuarter);
  }, wait);
}

async function ask(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // the next turn asks again
  }
}

function draw(box, job, spokenQuarter) {
  const bar = box.querySelector("progress");
  const count = box.querySelector("[data-job-count]");
  box.querySelector("[data-job-message]").textContent = job.message ?? "";
  box.querySelector("[data-job-left]").textContent = job.time_left ? ` · ${job.time_left}` : "";
  if (!job.total) return spokenQuarter;
  bar.max = job.total;
  bar.value = job.done;
  const text = `${grouped(job.done)} of ${grouped(job.total)} ${box.dataset.unit}`;
  count.textContent = text;
  const quarter = Math.floor((4 * job.done) / job.total);
  if (quarter > spokenQuarter) box.querySelector("[data-job-spoken]").textContent = text;
  return Math.max(quarter, spokenQuarter);
}

function grouped(number) {
  return new Intl.NumberFormat("en-IN").format(number);
}

// -- the end of a job whose page was left: a notice wherever its watcher is by then, in the same tab --------

function watched() {
  try {
    return JSON.parse(sessionStorage.getItem(WATCHED) ?? "{}");
  } catch {
    return {};
  }
}

function keep(jobs) {
  try {
    sessionStorage.setItem(WATCHED, JSON.stringify(jobs));
  } catch {
    // without a store nobody is told, and nothing else is lost
  }
}

function remember(box) {
  if (box.dataset.title) keep({ ...watched(), [box.dataset.job]: { title: box.dataset.title, next: box.dataset.next } });
}

function forget(url) {
  const { [url]: _, ...others } = watched();
  keep(others);
}

function watchFromElsewhere() {
  const here = new Set([...document.querySelectorAll("[data-job]")].map((box) => box.dataset.job));
  for (const [url, about] of Object.entries(watched())) if (!here.has(url)) waitFor(url, about);
}

async function waitFor(url, about) {
  const job = document.hidden ? null : await ask(url);
  if (!job || !ENDED.has(job.status)) {
    setTimeout(() => waitFor(url, about), SLOW_MS);
    return;
  }
  forget(url);
  if (location.pathname === about.next) return; // the page itself says it
  const text = job.status === "succeeded" ? job.message : job.error || "It was cancelled.";
  showToast(`${about.title}: ${text}`, job.status === "succeeded" ? "success" : "error", about.next);
}

function end(box, job) {
  forget(box.dataset.job);
  if (box.dataset.next) location.assign(box.dataset.next);
  else if (job.status === "succeeded") location.reload();
  else box.querySelector("[data-job-count]").textContent = `The work ${job.status === "failed" ? "failed" : "was cancelled"}.`;
}
