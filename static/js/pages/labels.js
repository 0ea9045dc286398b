// Prints the labels; a click on a place of the first sheet begins there.

const form = document.getElementById("label-form");

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

document.addEventListener("click", (event) => {
  const place = event.target.closest(".sheet.of-many:first-child > .label");
  if (!place || !form) return;
  form.elements.start.value = [...place.parentElement.children].indexOf(place) + 1;
  form.elements.start.dispatchEvent(new Event("change", { bubbles: true }));
});
