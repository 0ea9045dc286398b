// The bar: the search box with its list, the keys of every page, the narrow menu.

const box = document.getElementById("find");
const list = document.getElementById("find-list");
const told = document.getElementById("find-count");

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (option) {
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  } else {
    box.removeAttribute("aria-activedescendant");
  }
}

function show(open) {
  list.hidden = !open;
  box.setAttribute("aria-expanded", String(open));
  if (!open) choose(null);
}

function listen() {
  // Roles stand here, not in the page: without scripts the box is a plain one.
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Found");

  list.addEventListener("htmx:afterSwap", () => {
    const count = options().length;
    // An answer that comes after one has left the box opens nothing.
    show(count > 0 && document.activeElement === box && box.value.trim() !== "");
    const found = Math.max(0, count - 1);
    if (box.value.trim().length < 2) told.textContent = "";
    else told.textContent = found ? `${found} offered, arrow down to read` : "Nothing found";
  });

  box.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "Escape") {
      if (list.hidden) box.blur();
      else event.preventDefault();
      show(false);
      return;
    }
    if (event.key === "Enter" && !list.hidden && chosen()) {
      event.preventDefault();
      chosen().click();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !all.length) return;
    event.preventDefault();
    if (list.hidden) show(true);
    const at = all.indexOf(chosen());
    const next = at < 0 && step < 0 ? all.length - 1 : at + step;
    choose(all[next] ?? null);
  });

  box.addEventListener("focus", () => {
    if (options().length && box.value.trim()) show(true);
  });
  box.closest("form").addEventListener("focusout", (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) show(false);
  });
  // The box keeps the focus while an option is pressed, so that the list stays.
  list.addEventListener("mousedown", (event) => {
    if (event.button === 0) event.preventDefault();
  });
}
if (box) listen();

const keys = document.getElementById("keys");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
  if (event.key === "/" && box) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "?" && keys) {
    event.preventDefault();
    keys.showModal();
  }
});

const menu = document.querySelector(".more-pages");
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-keys]")) keys?.showModal();
});
menu?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
