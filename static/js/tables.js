// Rows by keyboard, and choosing rows for a bulk action.

const ROW = "tr[data-row]";

function shortcutsAreOn() {
  try {
    return localStorage.getItem("keel.shortcuts.off") === null;
  } catch {
    return true;
  }
}

// -- rows by keyboard: j and k walk, o opens, x selects, e edits --------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !shortcutsAreOn()) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll(ROW)];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("is-current-row"));
  if (event.key === "j" || event.key === "k") {
    const step = event.key === "j" ? 1 : -1;
    walkTo(rows, at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step)));
  } else if (at >= 0 && event.key === "o") rows[at].querySelector("a[href]")?.click();
  else if (at >= 0 && event.key === "x") rows[at].querySelector("[data-select]")?.click();
  else if (at >= 0 && event.key === "e") rows[at].querySelector("[data-edit]")?.click();
});

function walkTo(rows, index) {
  for (const row of rows) row.classList.toggle("is-current-row", row === rows[index]);
  rows[index].querySelector("a[href]")?.focus({ preventScroll: true });
  rows[index].scrollIntoView({ block: "nearest" });
}

// -- choosing rows ---------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-select-page]")) {
    for (const each of selectable(box)) each.checked = box.checked;
    drawSelection(box);
  } else if (box.matches("[data-select], [data-bulk-all]")) drawSelection(box);
});

function selectable(near) {
  const table = near.closest("table") ?? document;
  return [...table.querySelectorAll("[data-select]")];
}

function drawSelection(near) {
  const boxes = selectable(near);
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr")?.classList.toggle("is-selected", box.checked);
  for (const head of document.querySelectorAll("[data-select-page]")) {
    head.checked = chosen.length > 0 && chosen.length === boxes.length;
    head.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  for (const bar of document.querySelectorAll("[data-bulk]")) {
    const all = bar.querySelector("[data-bulk-all]");
    bar.hidden = chosen.length === 0;
    const wholePage = chosen.length === boxes.length;
    if (all && !wholePage) all.checked = false;
    if (all) all.closest("label").hidden = !wholePage;
    const count = bar.querySelector("[data-bulk-count]");
    if (count) count.textContent = all?.checked ? all.dataset.bulkAll : String(chosen.length);
    drawAction(bar);
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-select-none]")) return;
  for (const box of document.querySelectorAll("[data-select]:checked")) box.checked = false;
  const any = document.querySelector("[data-select]");
  if (any) drawSelection(any);
});

// -- what to do with them: the action decides which control is asked ---------------------------------------

function drawAction(bar) {
  const choice = bar.querySelector("[data-bulk-action]");
  if (!choice) return;
  const wanted = choice.selectedOptions[0]?.dataset.control ?? "";
  let value = "";
  for (const control of bar.querySelectorAll("[data-bulk-control]")) {
    const isAsked = control.dataset.bulkControl === wanted;
    const input = control.querySelector("[name=value]");
    control.hidden = !isAsked;
    input.disabled = !isAsked;
    if (isAsked) value = input.value;
  }
  bar.querySelector("[data-bulk-apply]").disabled = !choice.value || (wanted !== "none" && !value.trim());
  const preview = bar.querySelector("#bulk-preview");
  if (preview && !choice.value) preview.textContent = "";
}

for (const kind of ["change", "input"]) {
  document.addEventListener(kind, (event) => {
    const bar = event.target.closest("[data-bulk]");
    if (bar) drawAction(bar);
  });
}

// -- columns: up and down in their list; the form sends them in that order ------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  const item = button?.closest("[data-movable] > li");
  if (!item) return;
  const up = button.dataset.move === "up";
  const other = up ? item.previousElementSibling : item.nextElementSibling;
  if (!other || other.classList.contains("is-fixed")) return;
  if (up) other.before(item);
  else other.after(item);
  button.focus();
});

const first = document.querySelector("[data-select]");
if (first) drawSelection(first); // after Back the browser restores the boxes
document.addEventListener("htmx:afterSwap", (event) => {
  const box = event.target.querySelector?.("[data-select]");
  if (box) drawSelection(box);
});
