// Rows ticked by click, shift-click or `x`; the bar tells how many and what can be done.


function bindSelection(form) {
  if (form.dataset.selectionBound) return;
  form.dataset.selectionBound = "yes";
  const bar = form.querySelector("[data-selection-bar]");
  const said = bar.querySelector("[data-selection-count]");
  const whole = bar.querySelector("[data-selection-whole]");
  const query = form.querySelector("input[name=query]");
  const clear = bar.querySelector("[data-selection-clear]");
  const buttons = [...bar.querySelectorAll("button:not([type=button])")];
  let last = null;
  clear.hidden = false;

  const boxes = () => [...form.querySelectorAll("input[type=checkbox][name=id]")];
  const heads = () => [...form.querySelectorAll("[data-select-all]")];

  function show() {
    const all = boxes();
    const ticked = all.filter((box) => box.checked);
    for (const box of all) box.closest("tr")?.classList.toggle("is-picked", box.checked);
    for (const head of heads()) {
      head.checked = all.length > 0 && ticked.length === all.length;
      head.indeterminate = ticked.length > 0 && !head.checked;
    }
    const isWhole = Boolean(whole?.checked);
    const count = isWhole ? Number(whole.dataset.selectionWhole) : ticked.length;
    if (query) query.disabled = !isWhole;
    bar.hidden = count === 0;
    said.textContent = `${count} selected`;
    for (const button of buttons) {
      const least = Number(button.dataset.least ?? 1);
      const most = Number(button.dataset.most ?? Infinity);
      const takesAll = "takesAll" in button.dataset || !isWhole;
      button.disabled = count < least || count > most || !takesAll;
      button.title = !button.disabled
        ? ""
        : count < least
          ? `Needs at least ${least}.`
          : count > most
            ? `Takes at most ${most}.`
            : "Takes only what is ticked.";
    }
  }

  function tick(box, checked, isRange) {
    const all = boxes();
    const [from, to] = [all.indexOf(last), all.indexOf(box)];
    const range =
      isRange && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const one of range) one.checked = checked;
    last = box;
    if (!checked && whole) whole.checked = false;
    show();
  }

  form.addEventListener("click", (event) => {
    const box = event.target.closest("input[type=checkbox][name=id]");
    if (box) tick(box, box.checked, event.shiftKey);
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
      if (!event.target.checked && whole) whole.checked = false;
    } else if (event.target === whole && whole.checked) {
      for (const box of boxes()) box.checked = true;
    }
    show();
  });
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const row = event.target.closest("tr");
    if (event.key.toLowerCase() === "x" && row) {
      const box = row.querySelector("input[type=checkbox][name=id]");
      if (!box) return;
      event.preventDefault();
      tick(box, !box.checked, event.shiftKey);
    } else if (event.key === "Escape" && !bar.hidden) {
      empty();
    }
  });
  // The whole list is asked for by its query: the ticks would only lengthen the address.
  form.addEventListener("formdata", (event) => {
    if (whole?.checked) event.formData.delete("id");
  });
  clear.addEventListener("click", empty);

  function empty() {
    for (const box of boxes()) box.checked = false;
    if (whole) whole.checked = false;
    show();
  }

  // A page come back to by the browser's arrow still has its ticks.
  addEventListener("pageshow", show);
  form.addEventListener("htmx:afterSettle", show);
  show();
}

function bindAll(root) {
  for (const form of root.querySelectorAll("form[data-selection]")) bindSelection(form);
}

bindAll(document);
document.addEventListener("htmx:load", (event) => {
  bindAll(event.target.parentElement ?? document);
});
