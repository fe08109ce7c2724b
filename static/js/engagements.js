// Drawers, the composer, the follow-up that an outcome asks for, and tasks by keyboard. Every page works without it.

// -- drawers: a link marked data-drawer opens its page's form beside the page ---------------------------

let drawer;

function drawerElement() {
  if (drawer) return drawer;
  drawer = document.createElement("div");
  drawer.className = "offcanvas offcanvas-end drawer";
  drawer.id = "drawer";
  drawer.tabIndex = -1;
  drawer.setAttribute("aria-labelledby", "drawer-title");
  const head = document.createElement("div");
  head.className = "offcanvas-header";
  const title = document.createElement("h2");
  title.id = "drawer-title";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", "Close");
  close.dataset.bsDismiss = "offcanvas";
  head.append(title, close);
  const body = document.createElement("div");
  body.className = "offcanvas-body";
  body.id = "drawer-body";
  drawer.append(head, body);
  document.body.append(drawer);
  drawer.addEventListener("hide.bs.offcanvas", (event) => {
    if (isChanged(body) && !window.confirm("Leave without saving what you wrote?")) event.preventDefault();
  });
  drawer.addEventListener("hidden.bs.offcanvas", () => body.replaceChildren());
  return drawer;
}

function isChanged(body) {
  const form = body.querySelector("form");
  if (!form || form.classList.contains("htmx-request") || form.dataset.saved) return false;
  return [...form.elements].some((input) =>
    input.type === "checkbox" || input.type === "radio" ? input.checked !== input.defaultChecked
      : input.tagName === "SELECT" ? [...input.options].some((each) => each.selected !== each.defaultSelected && input.selectedIndex > 0)
        : input.type !== "hidden" && "defaultValue" in input && input.value !== input.defaultValue);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.bootstrap || !window.htmx) return;
  event.preventDefault();
  const element = drawerElement();
  const title = document.getElementById("drawer-title");
  title.textContent = link.textContent.trim();
  window.bootstrap.Offcanvas.getOrCreateInstance(element).show(link);
  const url = new URL(link.href);
  if (!url.searchParams.has("next")) url.searchParams.set("next", location.pathname + location.search);
  window.htmx.ajax("GET", url.pathname + url.search, { target: "#drawer-body", swap: "innerHTML" });
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "drawer-body") return;
  const named = event.detail.target.querySelector("[data-drawer-title]");
  if (named) document.getElementById("drawer-title").textContent = named.dataset.drawerTitle;
  showNextSteps();
  const first = event.detail.target.querySelector("[data-focus], input:not([type=hidden]):not([value]), textarea, input:not([type=hidden])");
  first?.focus();
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) {
    for (const form of document.querySelectorAll("#drawer-body form")) form.dataset.saved = "yes";
  }
});

// -- Ctrl+Enter saves ------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form[data-submit-keys]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

// -- the follow-up that an outcome asks for --------------------------------------------------------------

function showNextSteps() {
  for (const part of document.querySelectorAll("[data-outcome]")) {
    const next = part.querySelector("[data-next-step]");
    if (next) next.hidden = part.querySelector("select[name=outcome]")?.value !== "action_required";
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("select[name=outcome]")) showNextSteps();
});
showNextSteps();

// -- tasks by keyboard: x does the current one -----------------------------------------------------------

let at = -1;

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open], .offcanvas.show")) return;
  try {
    if (localStorage.getItem("keel.shortcuts.off") !== null) return;
  } catch { /* storage is forbidden: shortcuts stay on */ }
  document.querySelector("tr.is-current-row [data-done]")?.click();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "list") return;
  const rows = [...event.detail.target.querySelectorAll("tr[data-row]")];
  at = rows.findIndex((row) => row.classList.contains("is-current-row") || row.contains(document.activeElement));
});

document.addEventListener("htmx:afterSettle", () => {
  if (at < 0) return;
  const rows = [...document.querySelectorAll("#list tr[data-row]")];
  const row = rows[Math.min(at, rows.length - 1)];
  at = -1;
  row?.classList.add("is-current-row");
  row?.querySelector("a[href]")?.focus({ preventScroll: true });
});
