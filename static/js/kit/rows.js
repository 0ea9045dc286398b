// Tables of rows in forms: Enter goes on or adds a row, cells copied from a
// spreadsheet fill it. Works by delegation, so that parts loaded later take part.

const TABLE = "table[data-total]";
const cellsOf = (row) => [...row.querySelectorAll("input, select")];
const isEmpty = (row) =>
  cellsOf(row).every((cell) =>
    cell.tagName === "SELECT" ? cell.selectedIndex < 1 : cell.value.trim() === "",
  );

function renumber(row, index) {
  for (const part of row.querySelectorAll("[id], [name], [aria-label]")) {
    for (const name of ["name", "id", "aria-describedby"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(/-\d+-/, `-${index}-`));
    }
    const label = part.getAttribute("aria-label");
    if (label) {
      part.setAttribute("aria-label", label.replace(/row \d+/, `row ${index + 1}`));
    }
  }
  const number = row.querySelector("[data-row-number]");
  if (number) number.textContent = index + 1;
}

function settle(table) {
  const rows = [...table.tBodies[0].rows];
  rows.forEach(renumber);
  table.closest("form").elements[table.dataset.total].value = rows.length;
  table.dispatchEvent(new Event("rows-changed", { bubbles: true }));
}

function clear(row) {
  row.querySelectorAll(".errorlist").forEach((list) => list.remove());
  row.querySelectorAll(".reading").forEach((reading) => reading.replaceChildren());
  for (const cell of cellsOf(row)) {
    if (cell.tagName === "SELECT") cell.selectedIndex = 0;
    else cell.value = "";
    cell.removeAttribute("aria-invalid");
  }
}

export function addRow(table) {
  const body = table.tBodies[0];
  const row = body.rows[body.rows.length - 1].cloneNode(true);
  clear(row);
  body.append(row);
  settle(table);
  return row;
}

function removeRow(row) {
  const table = row.closest("table");
  const near = row.nextElementSibling ?? row.previousElementSibling;
  if (near) row.remove();
  else clear(row);
  settle(table);
  cellsOf(near ?? row)[0].focus();
}

// The first thing after the table that takes the keyboard.
function leave(table) {
  const inForm = [...table.closest("form").elements].filter(
    (one) => !one.disabled && one.type !== "hidden" && one.offsetParent,
  );
  const after = inForm.find(
    (one) =>
      !table.contains(one) &&
      !one.matches("[data-add-row]") &&
      table.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  after?.focus();
}

document.addEventListener("click", (event) => {
  const remover = event.target.closest("[data-remove-row]");
  if (remover) removeRow(remover.closest("tr"));
  const adder = event.target.closest("[data-add-row]");
  const table = adder?.closest(".field")?.querySelector(TABLE);
  if (table) cellsOf(addRow(table))[0].focus();
});

document.addEventListener("keydown", (event) => {
  const table = event.target.closest?.(TABLE);
  if (!table || event.key !== "Enter" || event.target.tagName === "BUTTON") return;
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  event.preventDefault();
  const row = event.target.closest("tr");
  if (!row.nextElementSibling && isEmpty(row)) {
    leave(table);
    return;
  }
  const column = cellsOf(row).indexOf(event.target);
  const next = row.nextElementSibling ?? addRow(table);
  cellsOf(next)[event.shiftKey ? 0 : column].focus();
});

function fill(cell, value) {
  const given = value.trim();
  if (cell.tagName !== "SELECT") {
    cell.value = given;
    return;
  }
  const wanted = given.toLowerCase();
  const found = [...cell.options].find(
    (option) => option.value === wanted || option.text.toLowerCase() === wanted,
  );
  if (found) cell.value = found.value;
}

document.addEventListener("paste", (event) => {
  const table = event.target.closest?.(TABLE);
  if (!table) return;
  const text = event.clipboardData.getData("text/plain").replace(/\r/g, "");
  if (!/[\t\n]/.test(text.trimEnd())) return;
  event.preventDefault();
  let row = event.target.closest("tr");
  const first = cellsOf(row).indexOf(event.target);
  for (const line of text.trimEnd().split("\n")) {
    row ??= addRow(table);
    const cells = cellsOf(row);
    line.split("\t").forEach((value, offset) => {
      if (cells[first + offset]) fill(cells[first + offset], value);
    });
    row = row.nextElementSibling;
  }
  table.tBodies[0].dispatchEvent(new Event("input", { bubbles: true }));
});

// Ctrl+Enter saves from anywhere in a form, from within its tables too.
document.addEventListener("keydown", (event) => {
  const form = event.target.form;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (!form?.matches(".form")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button.primary") ?? undefined);
});

// What was wrong with a cell is not said any more once it is being mended.
document.addEventListener("input", (event) => {
  const cell = event.target.closest?.(`${TABLE} td`);
  if (!cell) return;
  cell.querySelectorAll(".errorlist").forEach((list) => list.remove());
  event.target.removeAttribute("aria-invalid");
});
