// The builder of a stack: layers are added, removed and put in order, by mouse and by
// keyboard; what a layer is of is found while one types.

import { combobox } from "../kit/combobox.js";

const form = document.querySelector("[data-stack]");
const list = form.querySelector("[data-layers]");
const total = form.querySelector("[data-layers-total]");
const said = form.querySelector("[data-layers-said]");
const template = form.querySelector("[data-layer-template]");
const NAMED = "[name], [id], [for], [aria-describedby], [aria-label], [data-total]";
const NAMES = ["name", "id", "for", "aria-describedby", "data-total"];

const layers = () => [...list.querySelectorAll(":scope > [data-layer]")];
const fieldOf = (layer, name) => layer.querySelector(`[name$="_${name}"]`);

function renumber(layer, index) {
  for (const part of layer.querySelectorAll(NAMED)) {
    for (const name of NAMES) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(/layer\d+_/, `layer${index}_`));
    }
    const label = part.getAttribute("aria-label");
    if (label) {
      part.setAttribute("aria-label", label.replace(/layer \d+/i, (match) =>
        match.replace(/\d+/, index + 1),
      ));
    }
  }
  layer.querySelector("[data-layer-number]").textContent = index + 1;
}

function settle(words = "") {
  layers().forEach(renumber);
  total.value = layers().length;
  said.textContent = words;
  list.dispatchEvent(new Event("rows-changed", { bubbles: true }));
}

// A moved layer is drafted as a typed one is.
function told() {
  total.dispatchEvent(new Event("change", { bubbles: true }));
}

function bind(layer) {
  const input = layer.querySelector("[data-substance]");
  combobox(input, {
    address: (text) => {
      const query = new URLSearchParams({ q: text });
      const project = form.elements.project?.value || form.dataset.project;
      if (project) query.set("project", project);
      return `${form.dataset.substances}?${query}`;
    },
    choose: (option) => {
      input.value = option.dataset.value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });
}

function addLayer() {
  const made = template.content.cloneNode(true).querySelector("[data-layer]");
  list.append(made);
  bind(made);
  settle(`Layer ${layers().length} added`);
  return made;
}

function removeLayer(layer) {
  const all = layers();
  const at = all.indexOf(layer);
  const near = all[at + 1] ?? all[at - 1] ?? addLayer();
  layer.remove();
  settle(`Layer ${at + 1} removed`);
  told();
  fieldOf(near, "substance").focus();
}

function move(layer, step) {
  const all = layers();
  const at = all.indexOf(layer);
  const to = at + step;
  if (to < 0 || to >= all.length) return;
  const focused = document.activeElement;
  if (step < 0) all[to].before(layer);
  else all[to].after(layer);
  const name = fieldOf(layer, "substance").value || "The layer";
  settle(`${name} is layer ${to + 1} of ${all.length}`);
  told();
  if (layer.contains(focused)) focused.focus({ preventScroll: true });
  layer.scrollIntoView({ block: "nearest" });
}

form.addEventListener("click", (event) => {
  const layer = event.target.closest("[data-layer]");
  const mover = event.target.closest("[data-move]");
  if (mover) move(layer, Number(mover.dataset.move));
  else if (event.target.closest("[data-remove-layer]")) removeLayer(layer);
  else if (event.target.closest("[data-add-layer]")) {
    fieldOf(addLayer(), "role").focus();
    told();
  }
});

form.addEventListener(
  "keydown",
  (event) => {
    const layer = event.target.closest?.("[data-layer]");
    if (!layer || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    // Before the list under the field, which the plain arrows open.
    event.preventDefault();
    event.stopPropagation();
    move(layer, event.key === "ArrowUp" ? -1 : 1);
  },
  true,
);

form.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!field.matches("input, select") || field.closest("table")) return;
  const layer = field.closest("[data-layer]");
  if (!layer) return;
  event.preventDefault();
  const all = layers();
  const next = all[all.indexOf(layer) + 1] ?? addLayer();
  fieldOf(next, "substance").focus();
});

let dragged = null;
list.addEventListener("dragstart", (event) => {
  if (!event.target.matches?.("[data-grip]")) return;
  dragged = event.target.closest("[data-layer]");
  dragged.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  event.dataTransfer.setDragImage(dragged, 12, 12);
});
list.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const over = event.target.closest("[data-layer]");
  if (!over || over === dragged) return;
  const { top, height } = over.getBoundingClientRect();
  if (event.clientY < top + height / 2) over.before(dragged);
  else over.after(dragged);
});
list.addEventListener("drop", (event) => dragged && event.preventDefault());
list.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  dragged = null;
  settle("Moved");
  told();
});

// A draft may hold more layers than the form began with.
total.addEventListener("input", () => {
  const wanted = Number(total.value);
  while (layers().length < wanted) addLayer();
});

// What was wrong with a field is not said any more once it is being mended.
list.addEventListener("input", (event) => {
  const field = event.target;
  if (field.closest("td") || !field.hasAttribute("aria-invalid")) return;
  field.removeAttribute("aria-invalid");
  field.parentElement.querySelector(":scope > .errorlist")?.remove();
});

function bindStart(input) {
  input.closest("[data-start-field]").hidden = false;
  combobox(input, {
    address: (text) => `${form.dataset.starts}?q=${encodeURIComponent(text)}`,
    choose: () => {},
  });
}

layers().forEach(bind);
bindStart(form.querySelector("[data-start-search]"));
form.querySelector("[data-add-layer]").hidden = false;
