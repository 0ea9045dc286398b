// The form of a series: where one begins to type, and what its buttons fill in.

const form = document.querySelector("form.series");
const first = document.getElementById(form.dataset.focus);
if (first && !document.querySelector("[aria-invalid]")) {
  first.focus();
  first.select?.();
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-set]");
  if (!button) return;
  const field = form.elements[button.dataset.set];
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// The preview is shown again while one types, and the focus may go with it.
document.addEventListener("keydown", (event) => {
  // Within the form, it is saved as every form is.
  if (event.defaultPrevented || event.target.form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(document.getElementById("series-save"));
  }
});

// What was opened in the preview stays open when it is shown again.
let opened = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "series-preview") return;
  opened = event.target.querySelector("[data-keep]")?.open ?? opened;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const details = event.target.querySelector?.("[data-keep]");
  if (details) details.open = opened;
});
