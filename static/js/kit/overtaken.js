// Choosing between two versions of a field shows the choice in the field itself.

for (const box of document.querySelectorAll("[data-overtaken]")) {
  const form = box.closest("form");
  const radios = [...box.querySelectorAll("input[type=radio]")].map((radio) => ({
    radio,
    values: JSON.parse(radio.dataset.fields),
  }));
  for (const { radio, values } of radios) {
    radio.addEventListener("change", () => {
      for (const [name, value] of Object.entries(values)) {
        const field = form.elements[name];
        if (!field) continue;
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
  }
  // Neither version wins by default: whoever saves has looked at both.
  form.addEventListener("submit", (event) => {
    const open = radios.find(({ radio }) => !radio.validity.valid);
    if (!open) return;
    event.preventDefault();
    open.radio.reportValidity();
  });
  // What somebody then types in the field is theirs to keep.
  form.addEventListener("input", (event) => {
    if (!event.isTrusted) return;
    for (const { radio, values } of radios) {
      if (radio.value === "mine" && event.target.name in values) radio.checked = true;
    }
  });
}
