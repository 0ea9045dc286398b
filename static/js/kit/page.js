// What every page does: codes to copy, local times, live states.

import "./rows.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "copied";
  } catch {
    getSelection().selectAllChildren(button);
    return;
  }
  setTimeout(() => (button.textContent = said), 900);
});

function localTimes(root) {
  const pad = (number) => String(number).padStart(2, "0");
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    time.textContent =
      `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` +
      `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  }
}
localTimes(document);
document.addEventListener("htmx:load", (event) => localTimes(event.detail.elt));

// A live part asks its own address again until it says that it is final; what became
// final is shown by a reload, unless somebody is typing on the page.
let typed = false;
document.addEventListener("input", () => (typed = true));

async function follow(part) {
  let wait = 500;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.3, 5000);
    if (document.hidden) continue;
    let answer;
    try {
      answer = await fetch(part.dataset.live, { credentials: "same-origin" });
    } catch {
      continue;
    }
    if (answer.status === 404 || answer.status === 403 || answer.redirected) return;
    if (!answer.ok) continue;
    const html = await answer.text();
    if (answer.headers.get("X-Final") === "yes") {
      if (!typed) {
        location.reload();
        return;
      }
      part.innerHTML = html;
      const link = document.createElement("p");
      const again = document.createElement("a");
      again.href = location.href;
      again.textContent = "Load the result";
      link.append(again, " (what you typed below is kept until you do).");
      part.append(link);
      return;
    }
    if (part.innerHTML !== html) {
      part.innerHTML = html;
      localTimes(part);
    }
  }
}
document.querySelectorAll("[data-live]").forEach(follow);

// Says what a text was understood as, while it is typed.
function understand(box) {
  const form = box.closest("form");
  const sources = box.dataset.from.split(" ").map((name) => form.elements[name]);
  let timer;
  let asked = 0;
  const ask = async () => {
    const query = new URLSearchParams();
    for (const source of sources) if (source) query.set(source.name, source.value);
    const number = ++asked;
    try {
      const answer = await fetch(`${box.dataset.understand}?${query}`);
      if (answer.ok && number === asked) box.innerHTML = (await answer.text()).trim();
    } catch {
      // Offline: the answer comes with the form.
    }
  };
  for (const source of sources) {
    source?.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 250);
    });
  }
  if (sources[0]?.value && !box.textContent.trim()) ask();
}
document.querySelectorAll("[data-understand]").forEach(understand);

// Part of a form that depends on a choice above it is asked for again when it changes.
for (const select of document.querySelectorAll("select[data-reloads]")) {
  select.addEventListener("change", async () => {
    const target = document.getElementById(select.dataset.reloads);
    const form = new FormData(select.form);
    const query = new URLSearchParams();
    for (const [name, value] of form) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken" && value) {
        query.append(name, value);
      }
    }
    const answer = await fetch(`${select.dataset.address}?${query}`);
    if (answer.ok) target.innerHTML = await answer.text();
  });
}
