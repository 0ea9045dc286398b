// Samples chosen in the chart are ticked in the table, or beside it where it ends.

import { save } from "../../kit/export.js";
import { asCsv } from "./state.js";

export function wirePicks(form, { onChange, answer }) {
  const beside = form.querySelector("[data-more-picks]");
  const boxes = () => [...form.querySelectorAll("input[type=checkbox][name=id]")];
  const chosen = () => new Set(boxes().filter((box) => box.checked).map((box) => box.value));
  const told = () => form.dispatchEvent(new Event("change"));
  const listButton = form.querySelector("[data-list-picks]");
  const saveButton = form.querySelector("[data-save-picks]");
  let last = "";

  const pick = (ids, { isMore = false } = {}) => {
    const wanted = new Set([...(isMore ? chosen() : []), ...ids]);
    beside.replaceChildren();
    const seen = new Set();
    for (const box of boxes()) {
      box.checked = wanted.has(box.value) && !seen.has(box.value);
      if (box.checked) seen.add(box.value);
    }
    for (const id of wanted) {
      if (seen.has(id)) continue;
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name: "id", value: id, checked: true });
      beside.append(box);
    }
    told();
    changed();
  };

  const changed = () => {
    const now = chosen();
    const most = Number(listButton.dataset.most);
    listButton.disabled = now.size > most;
    listButton.title = now.size > most ? `Takes at most ${most}.` : "";
    const text = [...now].sort().join();
    if (text !== last) onChange(now);
    last = text;
  };

  form.addEventListener("click", () => queueMicrotask(changed));
  form.addEventListener("change", changed);
  form.addEventListener("keyup", changed);
  listButton.hidden = false;
  saveButton.hidden = false;
  listButton.addEventListener("click", () => {
    const ids = chosen();
    const { sample, sample_id: all } = answer.points;
    const codes = new Set(sample.filter((code, row) => ids.has(all[row])));
    const written = [...codes].map((code) => (/[",]/.test(code) ? `"${code.replaceAll('"', '""')}"` : code));
    const where = `sample.code:in:${written.join(",")}`;
    location.href = `${listButton.dataset.listPicks}?${new URLSearchParams({ where })}`;
  });
  saveButton.addEventListener("click", () => {
    const ids = chosen();
    const rows = answer.points.sample_id.flatMap((id, row) => (ids.has(id) ? [row] : []));
    save(new Blob([asCsv(answer, rows)], { type: "text/csv" }), "chosen-samples.csv");
  });
  return { pick, chosen };
}
