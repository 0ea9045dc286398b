// The sample list: variables found by typing, as columns and as conditions.

import { combobox } from "../kit/combobox.js";

const page = document.querySelector("[data-variables]");
const address = (text) => `${page.dataset.variables}?q=${encodeURIComponent(text)}`;

function bindColumns(input) {
  const chosen = input.form.querySelector("[data-chosen-variables]");
  combobox(input, {
    address,
    choose(option) {
      input.value = "";
      const { value, text } = option.dataset;
      const there = [...chosen.querySelectorAll("input")].find((box) => box.value === value);
      if (there) {
        there.checked = true;
        return;
      }
      const label = document.createElement("label");
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name: "columns", value, checked: true });
      label.append(box, ` ${text}`);
      chosen.append(label);
    },
  });
}

function bindCondition(input) {
  combobox(input, {
    address,
    choose(option) {
      input.value = option.dataset.value;
      input.form.elements.where_value.focus();
    },
  });
}

if (page?.dataset.variables) {
  document.querySelectorAll("[data-add-column]").forEach(bindColumns);
  document.querySelectorAll("[data-where-variable]").forEach(bindCondition);
}

// Fields left empty stay out of the address.
for (const form of document.querySelectorAll("[data-filters]")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value) formData.delete(name);
    if (!formData.has("where_value")) {
      formData.delete("where_variable");
      formData.delete("where_operator");
    }
  });
}
