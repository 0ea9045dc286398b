// What every page does: keys, codes to copy, local times, live states, row tables.

const field = document.getElementById("find");
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "copied";
  } catch {
    getSelection().selectAllChildren(button);
    return;
  }
  setTimeout(() => (button.textContent = said), 900);
});

function localTimes(root) {
  const pad = (number) => String(number).padStart(2, "0");
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    time.textContent =
      `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` +
      `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  }
}
localTimes(document);

// A live part asks its own address again until it says that it is final; what became
// final is shown by a reload, unless somebody is typing on the page.
let typed = false;
document.addEventListener("input", () => (typed = true));

async function follow(part) {
  let wait = 500;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.3, 5000);
    if (document.hidden) continue;
    let answer;
    try {
      answer = await fetch(part.dataset.live, { credentials: "same-origin" });
    } catch {
      continue;
    }
    if (answer.status === 404 || answer.status === 403 || answer.redirected) return;
    if (!answer.ok) continue;
    const html = await answer.text();
    if (answer.headers.get("X-Final") === "yes") {
      if (!typed) {
        location.reload();
        return;
      }
      part.innerHTML = html;
      const link = document.createElement("p");
      const again = document.createElement("a");
      again.href = location.href;
      again.textContent = "Load the result";
      link.append(again, " (what you typed below is kept until you do).");
      part.append(link);
      return;
    }
    if (part.innerHTML !== html) {
      part.innerHTML = html;
      localTimes(part);
    }
  }
}
document.querySelectorAll("[data-live]").forEach(follow);

// Says what a text was understood as, while it is typed.
function understand(box) {
  const form = box.closest("form");
  const sources = box.dataset.from.split(" ").map((name) => form.elements[name]);
  let timer;
  let asked = 0;
  const ask = async () => {
    const query = new URLSearchParams();
    for (const source of sources) if (source) query.set(source.name, source.value);
    const number = ++asked;
    try {
      const answer = await fetch(`${box.dataset.understand}?${query}`);
      if (answer.ok && number === asked) box.innerHTML = (await answer.text()).trim();
    } catch {
      // Offline: the answer comes with the form.
    }
  };
  for (const source of sources) {
    source?.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 250);
    });
  }
  if (sources[0]?.value && !box.textContent.trim()) ask();
}
document.querySelectorAll("[data-understand]").forEach(understand);

// Tables of rows: Enter adds one, cells copied from a spreadsheet fill it.
function rowTable(table) {
  const body = table.tBodies[0];
  const total = table.closest("form").elements[table.dataset.total];
  const inputs = (row) => [...row.querySelectorAll("input, select")];
  const renumber = (row, index) => {
    for (const cell of inputs(row)) {
      for (const name of ["name", "id", "aria-label"]) {
        const value = cell.getAttribute(name);
        if (!value) continue;
        const next =
          name === "aria-label"
            ? value.replace(/row \d+/, `row ${index + 1}`)
            : value.replace(/-\d+-/, `-${index}-`);
        cell.setAttribute(name, next);
      }
    }
    const number = row.querySelector("[data-row-number]");
    if (number) number.textContent = index + 1;
  };
  const addRow = () => {
    const row = body.rows[body.rows.length - 1].cloneNode(true);
    row.querySelectorAll(".errorlist").forEach((list) => list.remove());
    for (const cell of inputs(row)) {
      if (cell.tagName === "SELECT") cell.selectedIndex = 0;
      else cell.value = "";
      cell.removeAttribute("aria-invalid");
      cell.removeAttribute("aria-describedby");
    }
    renumber(row, body.rows.length);
    body.append(row);
    total.value = body.rows.length;
    return row;
  };
  const button = table.parentElement.parentElement.querySelector("[data-add-row]");
  button?.addEventListener("click", () => inputs(addRow())[0].focus());
  table.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    const row = event.target.closest("tr");
    const column = inputs(row).indexOf(event.target);
    const next = row.nextElementSibling ?? addRow();
    inputs(next)[column].focus();
  });
  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "");
    if (!/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    let row = event.target.closest("tr");
    const first = inputs(row).indexOf(event.target);
    for (const line of text.trimEnd().split("\n")) {
      row ??= addRow();
      const cells = inputs(row);
      line.split("\t").forEach((value, offset) => {
        const cell = cells[first + offset];
        if (!cell) return;
        const given = value.trim();
        if (cell.tagName !== "SELECT") cell.value = given;
        else {
          const wanted = given.toLowerCase();
          const found = [...cell.options].find(
            (option) => option.value === wanted || option.text.toLowerCase() === wanted,
          );
          if (found) cell.value = found.value;
        }
      });
      row = row.nextElementSibling;
    }
    body.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
document.querySelectorAll("table[data-total]").forEach(rowTable);

// Part of a form that depends on a choice above it is asked for again when it changes.
for (const select of document.querySelectorAll("select[data-reloads]")) {
  select.addEventListener("change", async () => {
    const target = document.getElementById(select.dataset.reloads);
    const form = new FormData(select.form);
    const query = new URLSearchParams();
    for (const [name, value] of form) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken" && value) {
        query.append(name, value);
      }
    }
    const answer = await fetch(`${select.dataset.address}?${query}`);
    if (answer.ok) target.innerHTML = await answer.text();
  });
}
