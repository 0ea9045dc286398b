// A sample's page: a chosen photo is sent at once, the drawing shows the sample itself.

for (const form of document.querySelectorAll("[data-upload-now]")) {
  const input = form.querySelector("input[type=file]");
  const label = input.closest("label");
  form.querySelector(".no-script").hidden = true;
  input.addEventListener("change", () => {
    if (!input.files.length) return;
    label.firstChild.textContent = "Sending…";
    form.requestSubmit();
  });
}

for (const box of document.querySelectorAll(".lineage-scroll")) {
  const here = box.querySelector("[data-here]");
  if (!here || !box.clientWidth || box.scrollWidth <= box.clientWidth) continue;
  const outer = box.getBoundingClientRect();
  const inner = here.getBoundingClientRect();
  box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

// A menu closes by Escape and when one goes elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
