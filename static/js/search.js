// The search dialog: a combobox over everything. Without it the field in the top bar leads to the page of results.

const RECENT = "keel.recent";
const MOST_RECENT = 6;
const WAIT_MS = 120;

const dialog = document.getElementById("search-dialog");
const field = dialog?.querySelector("[data-search-field]");
const options = dialog?.querySelector("[data-search-options]");
let timer = 0;
let asked = null;

// -- recents: what somebody opened from here, kept in the browser alone --------------------------------------

function recents() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each?.url === "string" && each.url.startsWith("/dashboard")) : [];
  } catch {
    return [];
  }
}

function remember(hit) {
  const entry = { url: hit.getAttribute("href"), title: hit.dataset.title, detail: hit.dataset.detail, icon: hit.dataset.icon };
  const others = recents().filter((each) => each.url !== entry.url);
  try {
    localStorage.setItem(RECENT, JSON.stringify([entry, ...others].slice(0, MOST_RECENT)));
  } catch {
    // storage is forbidden: nothing is remembered
  }
}

function drawRecents() {
  const kept = recents();
  options.replaceChildren();
  if (!kept.length) return;
  const label = document.createElement("div");
  label.className = "menu-label";
  label.textContent = "Recent";
  options.append(label);
  kept.forEach((each, at) => {
    const hit = document.createElement("a");
    hit.className = "search-hit";
    hit.setAttribute("role", "option");
    hit.id = `hit-recent-${at}`;
    hit.tabIndex = -1;
    hit.href = each.url;
    Object.assign(hit.dataset, { title: each.title ?? "", detail: each.detail ?? "", icon: each.icon ?? "" });
    const text = document.createElement("span");
    text.className = "search-title";
    for (const [tag, words] of [["span", each.title], ["small", each.detail]]) {
      if (!words) continue;
      const part = document.createElement(tag);
      part.className = "truncate";
      part.textContent = words;
      text.append(part);
    }
    hit.append(text);
    options.append(hit);
  });
  choose(0);
}

// -- what is typed ---------------------------------------------------------------------------------------

async function ask() {
  const words = field.value.trim();
  asked?.abort();
  if (!words) return drawRecents();
  asked = new AbortController();
  try {
    const url = `${field.form.action}?${new URLSearchParams({ q: words, part: "dialog" })}`;
    const response = await fetch(url, { credentials: "same-origin", signal: asked.signal });
    if (response.redirected) return location.assign(response.url); // the session has ended
    if (!response.ok) return;
    options.innerHTML = await response.text(); // our own server's part, with every text escaped
    choose(0);
  } catch (error) {
    if (error.name !== "AbortError") options.textContent = "There is no connection to the server.";
  }
}

const hits = () => [...options.querySelectorAll("[role=option]")];

function choose(index) {
  const all = hits();
  const at = all.length ? (index + all.length) % all.length : -1;
  all.forEach((hit, place) => hit.setAttribute("aria-selected", String(place === at)));
  if (at >= 0) {
    field.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
}

const chosen = () => hits().findIndex((hit) => hit.getAttribute("aria-selected") === "true");

export function openSearch() {
  if (!dialog || dialog.open) return false;
  dialog.showModal();
  field.value = "";
  drawRecents();
  field.focus();
  return true;
}

if (dialog) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen() + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      const hit = hits()[chosen()];
      if (!hit) return; // the form leads to the page of results
      event.preventDefault();
      remember(hit);
      if (event.ctrlKey || event.metaKey) window.open(hit.href, "_blank", "noopener");
      else location.assign(hit.href);
    }
  });
  options.addEventListener("click", (event) => {
    const hit = event.target.closest("[role=option]");
    if (hit) remember(hit);
  });
  document.querySelector("[data-search]")?.addEventListener("focus", (event) => {
    if (event.target.dataset.opened) return;
    event.target.blur();
    openSearch();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
    }
  });
}
