// The frame's behaviour: menus, dialogs, toasts, shortcuts, forms. Every page works without it.

const MESSAGE_SECONDS = 6;
const SECOND_KEY_MS = 1200;
const SHORTCUTS_OFF = "keel.shortcuts.off";

// -- menus: <details> that close as people expect ------------------------------------------------------

const MENUS = "details.menu[open], details[data-menu][open]";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

function closeMenuAt(element) {
  const menu = element?.closest?.(MENUS) ?? document.querySelector(MENUS);
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

const currentTab = document.querySelector(".tab[aria-current]");
if (currentTab) currentTab.parentElement.scrollLeft = currentTab.offsetLeft - currentTab.parentElement.offsetLeft - 40;

// -- dialogs -------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog)?.showModal();
    return;
  }
  const dialog = event.target.closest("dialog");
  const outside = dialog && event.target === dialog && !insideBox(event, dialog);
  if (event.target.closest("[data-dialog-close]") || outside) dialog?.close();
});

function insideBox(event, element) {
  const box = element.getBoundingClientRect();
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
}

// -- toasts --------------------------------------------------------------------------------------------

const toasts = document.getElementById("toasts");

export function showToast(text, tone = "info", url = "") {
  const template = document.getElementById("toast-template");
  if (!toasts || !template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.classList.add(`toast-${tone}`);
  toast.dataset.toast = tone;
  const body = toast.querySelector(".toast-text");
  body.textContent = text;
  if (url) {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: "Show" });
    body.append(" ", link);
  }
  toasts.append(toast);
  startToast(toast);
}

function startToast(toast) {
  toast.dataset.started = "yes";
  if (["error", "danger"].includes(toast.dataset.toast)) return; // errors stay until closed
  let timer;
  const start = () => { timer = setTimeout(() => toast.remove(), MESSAGE_SECONDS * 1000); };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  start();
}

if (toasts) {
  // A live region speaks of what arrives after it: take the page's own messages out and put them in again.
  const waiting = [...toasts.children];
  toasts.replaceChildren();
  requestAnimationFrame(() => {
    toasts.append(...waiting);
    waiting.forEach(startToast);
  });
  toasts.addEventListener("click", (event) => {
    const toast = event.target.closest(".toast-item");
    if (event.target.closest("[data-toast-close]")) toast.remove();
    else if (event.target.closest("[data-toast-undo]")) setTimeout(() => toast.remove()); // once it is sent
  });
}

document.addEventListener("htmx:oobAfterSwap", () => {
  for (const toast of toasts?.querySelectorAll(".toast-item:not([data-started])") ?? []) startToast(toast);
});
document.addEventListener("toast", (event) => showToast(event.detail.text ?? event.detail.value, event.detail.tone));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) location.assign(`/auth/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  else if (status >= 500) showToast("The server could not answer. What you see is from before; try again.", "error");
  else showToast("That was refused. Reload the page and try again.", "error");
});
document.addEventListener("htmx:sendError", () => showToast("There is no connection to the server. Try again.", "error"));

// -- forms ---------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return; // htmx sends it
  if (form.dataset.once !== undefined && event.submitter?.dataset.notOnce === undefined) {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button:not([type=button])")) button.classList.add("is-busy");
  }
  if (form.method === "get") leaveOutEmpty(form);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const input of document.querySelectorAll("[data-was-empty]")) {
    input.disabled = false;
    delete input.dataset.wasEmpty;
  }
});

function leaveOutEmpty(form) {
  for (const input of form.elements) {
    if (input.name && !input.disabled && input.value === "") {
      input.disabled = true;
      input.dataset.wasEmpty = "yes";
    }
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form && event.target.type !== "search" && event.target.type !== "text") form.requestSubmit();
});

// Filters that are not set stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-auto-submit]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const name = drop.querySelector("[data-drop-name]");
  const over = (isOver) => drop.classList.toggle("is-over", isOver);
  input.addEventListener("change", () => {
    name.textContent = [...input.files].map((file) => `${file.name} · ${sizeText(file.size)}`).join(", ");
  });
  drop.addEventListener("dragenter", () => over(true));
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) over(false); });
  drop.addEventListener("drop", () => over(false));
}

function sizeText(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const size = bytes / 1024 ** step;
  return `${size < 10 && step ? size.toFixed(1) : Math.round(size)} ${units[step]}`;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (button) {
    const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const text = button.dataset.copy ?? source?.value ?? source?.textContent.trim() ?? "";
    try {
      await navigator.clipboard.writeText(text);
      showToast("Copied.", "success");
    } catch {
      source?.select?.();
      showToast("Your browser did not allow copying; press Ctrl+C.", "warning");
    }
  }
  if (event.target.closest("[data-print]")) window.print();
});

document.querySelector("[data-focus]")?.focus();

// -- shortcuts -----------------------------------------------------------------------------------------

const search = document.querySelector("[data-search]");
let pendingGo = 0;

export function shortcutsAreOn() {
  try {
    return localStorage.getItem(SHORTCUTS_OFF) === null;
  } catch {
    return true;
  }
}

export function isTyping(target) {
  return target.isContentEditable || target.matches?.("input, textarea, select, [role=textbox]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && closeMenuAt(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!shortcutsAreOn() || document.querySelector("dialog[open]")) return;
  if (Date.now() - pendingGo < SECOND_KEY_MS) {
    pendingGo = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (event.key === "g") pendingGo = Date.now();
  else if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "?") document.getElementById("shortcuts-dialog")?.showModal();
  else if (["n", "e"].includes(event.key) && !(event.key === "e" && document.querySelector(".is-current-row [data-edit]"))) document.querySelector(`[data-key="${event.key}"]`)?.click();
});

const toggle = document.querySelector("[data-shortcuts-toggle]");

function drawToggle() {
  toggle.setAttribute("aria-pressed", String(shortcutsAreOn()));
  toggle.textContent = `Single-letter shortcuts are ${shortcutsAreOn() ? "on" : "off"}`;
}

if (toggle) {
  drawToggle();
  toggle.addEventListener("click", () => {
    try {
      if (shortcutsAreOn()) localStorage.setItem(SHORTCUTS_OFF, "yes");
      else localStorage.removeItem(SHORTCUTS_OFF);
    } catch {
      return; // storage is forbidden: shortcuts stay on
    }
    drawToggle();
  });
}
