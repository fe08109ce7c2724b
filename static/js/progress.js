// Follows a background job: asks every two seconds, slower after a minute, not while the tab is hidden.

const FAST_MS = 2000;
const SLOW_MS = 6000;
const SLOW_AFTER_MS = 60_000;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

for (const box of document.querySelectorAll("[data-job]")) follow(box, performance.now(), 0);

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

function end(box, job) {
  if (box.dataset.next) location.assign(box.dataset.next);
  else if (job.status === "succeeded") location.reload();
  else box.querySelector("[data-job-count]").textContent = `The work ${job.status === "failed" ? "failed" : "was cancelled"}.`;
}
