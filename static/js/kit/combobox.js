// A text field whose answers are found while one types: ARIA's combobox with a listbox.
//
// The server answers with a fragment: an element role="listbox" that holds
// role="option" elements (grouped or not), and perhaps a note after it. An option
// carries data-value and data-text (what the field then shows), or data-href.

const WAIT_MS = 150;
let made = 0;

// `address(text)` gives what to fetch; `choose(option)` is told the element chosen.
// Returns {close}.
export function combobox(input, { address, choose, openOnFocus = true }) {
  const id = `combobox-${(made += 1)}`;
  const popup = document.createElement("div");
  popup.className = "combobox-popup";
  popup.hidden = true;
  input.parentElement.classList.add("combobox");
  input.after(popup);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("autocomplete", "off");
  input.setAttribute("spellcheck", "false");
  let timer;
  let asked = 0;
  let active = null;

  const options = () => [...popup.querySelectorAll("[role=option]")];

  const mark = (option) => {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    if (!active) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    active.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  };

  const close = () => {
    clearTimeout(timer);
    asked += 1;
    popup.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(null);
  };

  const open = async () => {
    const number = (asked += 1);
    const text = input.value.trim();
    let html = "";
    try {
      const answer = await fetch(address(text), { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      html = await answer.text();
    } catch {
      // Without the server there is nothing to choose from.
      return;
    }
    if (number !== asked) return;
    active = null;
    popup.innerHTML = html;
    const list = popup.querySelector("[role=listbox]");
    if (list) {
      list.id ||= `${id}-list`;
      input.setAttribute("aria-controls", list.id);
    }
    options().forEach((option, index) => (option.id ||= `${id}-${index}`));
    popup.hidden = false;
    popup.classList.remove("to-left");
    const { right } = popup.getBoundingClientRect();
    popup.classList.toggle("to-left", right > document.documentElement.clientWidth);
    input.setAttribute("aria-expanded", "true");
    mark(text ? options()[0] : null);
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(open, WAIT_MS);
  };

  const take = (option) => {
    close();
    if (option.dataset.href) location.href = option.dataset.href;
    else choose(option);
  };

  input.addEventListener("input", soon);
  if (openOnFocus) {
    input.addEventListener("focus", () => {
      input.select();
      soon();
    });
    input.addEventListener("click", () => popup.hidden && soon());
  }
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(active);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (popup.hidden) open();
      else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
      }
    } else if (event.key === "Enter" && active && !popup.hidden) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Escape" && !popup.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  // The field keeps the focus while its list is scrolled or clicked.
  popup.addEventListener("mousedown", (event) => event.preventDefault());
  popup.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  return { close };
}
