// The question: variables found while one types, filters as chips, answers at once.

import { combobox } from "../../kit/combobox.js";

const NARROW = "(max-width: 820px)";

export function wireForm(form) {
  // On a small screen the answer comes before the finer points of the question.
  const hasAnswer = document.querySelector("[data-points]");
  if (hasAnswer && matchMedia(NARROW).matches) form.querySelector(".more").open = false;
  const fields = [...form.querySelectorAll("input[data-variable]")].map((input) =>
    variableField(form, input),
  );
  const chosen = (name) => fields.find((field) => field.role === name).hidden.value;
  const ask = () => form.requestSubmit();
  const askIfWhole = () => chosen("y") && ask();

  // A chart chosen for other variables need not fit these.
  form.addEventListener("variable", (event) => {
    if (event.detail.role === "filter") {
      const value = form.elements.filter_value;
      value.placeholder = event.detail.option.dataset.span || "a value; several: a,b";
      value.focus();
      return;
    }
    if (event.detail.role !== "facet") {
      form.querySelectorAll("[name=chart], [name=log]").forEach((input) => input.remove());
    }
    if (chosen("x") && chosen("y")) ask();
  });
  form.addEventListener("change", (event) => {
    const isFilter = event.target.matches("[name=filter]");
    if (isFilter || "atOnce" in event.target.dataset) askIfWhole();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-change-filter]");
    if (button) change(form, button);
  });
  form.querySelectorAll("[data-change-filter]").forEach((button) => (button.hidden = false));
}

// The field shows a variable's words; a hidden one beside it carries its name.
export function variableField(form, input) {
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = input.name;
  hidden.value = input.value;
  const role = input.dataset.variable;
  let shown = input.dataset.text ?? "";
  input.removeAttribute("name");
  input.removeAttribute("list");
  input.value = shown;
  input.after(hidden);
  const set = (value, text) => {
    hidden.value = value;
    input.value = shown = text;
  };
  input.addEventListener("fill", (event) => set(event.detail.value, event.detail.text));
  combobox(input, {
    address: (text) => {
      const query = new URLSearchParams({ for: role });
      // What stands in the field is an answer, not a question, until somebody types.
      if (text && text !== shown) query.set("q", text);
      for (const other of form.querySelectorAll("input[data-carries]")) {
        if (other !== hidden && other.value) query.append("with", other.value);
      }
      if (form.elements.project?.value) query.append("project", form.elements.project.value);
      return `${form.dataset.variables}?${query}`;
    },
    choose: (option) => {
      set(option.dataset.value, option.dataset.text);
      const detail = { role, option };
      form.dispatchEvent(new CustomEvent("variable", { detail }));
    },
  });
  // What was typed and not chosen is sent as it is: it may be a variable's own name.
  input.addEventListener("change", () => {
    if (input.value !== shown) hidden.value = input.value.trim();
  });
  hidden.dataset.carries = role;
  return { role, hidden };
}

// A filter comes back into the fields it was made in.
function change(form, button) {
  const { variable, text, operator, value } = button.dataset;
  const input = form.querySelector("input[data-variable=filter]");
  input.dispatchEvent(new CustomEvent("fill", { detail: { value: variable, text } }));
  form.elements.filter_operator.value = operator;
  form.elements.filter_value.value = value;
  form.elements.filter_value.focus();
  button.closest("li").remove();
}
