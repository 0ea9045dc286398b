// Forms marked data-draft="key" are kept while one types and offered again when they
// are opened anew: on the server, and in this browser for when there is no network.

const WAIT = 1000;
const PATIENCE = 1500;
const ONCE_WITHIN = 5000;
const GROWING = 4000;
const user = document.body.dataset.user;
const localName = (key) => `labdata-draft:${user}:${key}`;
const sentName = (key) => `labdata-sent:${user}:${key}`;

function readLocal(key) {
  try {
    return JSON.parse(localStorage.getItem(localName(key)));
  } catch {
    return null;
  }
}

function writeLocal(key, kept) {
  if (isOver) return;
  try {
    localStorage.setItem(localName(key), JSON.stringify(kept));
  } catch {
    // Storage is full or forbidden: the server still keeps it.
  }
}

function forgetLocal(key) {
  try {
    localStorage.removeItem(localName(key));
  } catch {
    // Nothing was kept where nothing can be.
  }
}

const tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
const keepers = [];
let isOver = false;

const within = (promises) =>
  Promise.race([
    Promise.all(promises),
    new Promise((resolve) => setTimeout(resolve, PATIENCE)),
  ]);

// Whoever signs out leaves nothing in the browser; what was typed last is sent first.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (isOver || !form.getAttribute("action")?.endsWith("/logout/")) return;
  event.preventDefault();
  const submitter = event.submitter;
  await within(keepers.map((keeper) => keeper.flush()));
  isOver = true;
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith("labdata-draft:")) localStorage.removeItem(name);
  }
  form.requestSubmit(submitter);
});

const isKept = (control) =>
  control.name &&
  control.name !== "csrfmiddlewaretoken" &&
  !["file", "password", "submit", "button", "image", "reset"].includes(control.type) &&
  !control.closest("[data-draft-skip]");

const isTicked = (control) => control.type === "checkbox" || control.type === "radio";

function fieldsOf(form) {
  const fields = [];
  for (const control of form.elements) {
    if (!isKept(control) || (isTicked(control) && !control.checked)) continue;
    if (control.multiple && control.options) {
      for (const option of control.selectedOptions) {
        fields.push([control.name, option.value]);
      }
    } else if ("value" in control && control.tagName !== "OUTPUT") {
      fields.push([control.name, control.value]);
    }
  }
  return fields;
}

function addRows(form, fields) {
  for (const table of form.querySelectorAll("table[data-total]")) {
    const wanted = Number(
      fields.find(([name]) => name === table.dataset.total)?.[1] ?? 0,
    );
    const add = table.closest(".field")?.querySelector("[data-add-row]");
    while (add && table.tBodies[0].rows.length < wanted) {
      const before = table.tBodies[0].rows.length;
      add.click();
      if (table.tBodies[0].rows.length === before) break;
    }
  }
}

// Puts the values into the controls that are there; answers those it changed.
function fill(form, fields, done) {
  const values = new Map();
  for (const [name, value] of fields) {
    if (!values.has(name)) values.set(name, []);
    values.get(name).push(value);
  }
  const places = new Map();
  const changed = [];
  for (const control of form.elements) {
    if (!isKept(control) || done.has(control)) continue;
    const given = values.get(control.name) ?? [];
    if (isTicked(control)) {
      const next = given.includes(control.value);
      if (control.checked !== next) changed.push(control);
      control.checked = next;
    } else if (control.multiple && control.options) {
      for (const option of control.options) {
        option.selected = given.includes(option.value);
      }
      changed.push(control);
    } else if (given.length && "value" in control) {
      const place = places.get(control.name) ?? 0;
      places.set(control.name, place + 1);
      const next = given[Math.min(place, given.length - 1)];
      if (control.value === next) continue;
      control.value = next;
      changed.push(control);
    }
    done.add(control);
  }
  return changed;
}

function restore(form, fields) {
  const focused = document.activeElement;
  addRows(form, fields);
  const done = new WeakSet();
  const tell = (controls) => {
    for (const control of controls) {
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  // Parts of a form may be asked for again by what is chosen above them.
  const late = new MutationObserver(() => {
    addRows(form, fields);
    fill(form, fields, done);
  });
  late.observe(form, { childList: true, subtree: true });
  setTimeout(() => late.disconnect(), GROWING);
  tell(fill(form, fields, done));
  if (focused?.isConnected) focused.focus();
}

const isToday = (time) => new Date(time).toDateString() === new Date().toDateString();

function clock(time) {
  const at = new Date(time);
  const pad = (number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const hour = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  return isToday(time) ? hour : `${day}, ${hour}`;
}

// When somebody typed it, by the clock of the browser it was typed in. The server's
// clock says when it arrived, which is later by as long as the way took.
const typedAt = (kept) => kept.typed ?? Date.parse(kept.at);

function sameFields(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

class Keeper {
  constructor(form) {
    this.form = form;
    this.key = form.dataset.draft;
    this.address = `/drafts/${encodeURIComponent(this.key)}/`;
    this.opened = fieldsOf(form);
    this.timer = null;
    this.sending = null;
    this.isSubmitting = false;
    this.isReady = false;
    form.addEventListener("input", (event) => this.typed(event));
    form.addEventListener("change", (event) => this.typed(event));
    form.addEventListener("submit", (event) => this.submit(event));
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.isSubmitting = false;
    });
    this.begin();
  }

  get here() {
    return location.pathname + location.search;
  }

  async begin() {
    // A form shown again with what was wrong in it holds what was typed already.
    const cameBack = sessionStorage.getItem(sentName(this.key));
    sessionStorage.removeItem(sentName(this.key));
    const local = readLocal(this.key);
    let kept = null;
    try {
      const answer = await fetch(this.address, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error("not reached");
      const told = await answer.json();
      if (told.draft) kept = { ...told.draft, at: told.updated_at };
      const isLater = !kept || typedAt(local ?? {}) > typedAt(kept);
      if (local && !local.isSynced && isLater) kept = local;
      if (!told.draft && local?.isSynced) forgetLocal(this.key);
    } catch {
      kept = local;
    }
    if (!Array.isArray(kept?.fields)) return;
    if (sameFields(kept.fields, this.opened)) return;
    if (location.hash === "#continue") {
      history.replaceState(null, "", this.here);
      restore(this.form, kept.fields);
      return;
    }
    if (cameBack && this.form.querySelector("[aria-invalid], .errorlist")) return;
    if (cameBack && document.querySelector("main > .banner[role=alert], .overtaken")) return;
    this.offer(kept);
  }

  offer(kept) {
    const banner = document.createElement("div");
    banner.className = "banner ask";
    banner.setAttribute("role", "status");
    banner.dataset.draftOffer = "";
    const said = document.createElement("p");
    said.textContent =
      `You began this${isToday(kept.at) ? " at" : " on"} ${clock(kept.at)} ` +
      "and did not save it. " +
      "Typing below instead replaces it.";
    const go = document.createElement("button");
    go.type = "button";
    go.textContent = "Continue";
    go.className = "primary";
    go.addEventListener("click", () => {
      banner.remove();
      if (kept.address && kept.address !== this.here) {
        const next = new URL(kept.address, location.href);
        if (next.origin === location.origin) {
          next.hash = "continue";
          location.href = next.href;
          return;
        }
      }
      restore(this.form, kept.fields);
      this.form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
    const drop = document.createElement("button");
    drop.type = "button";
    drop.textContent = "Discard";
    drop.addEventListener("click", () => {
      banner.remove();
      this.discard();
    });
    const acts = document.createElement("p");
    acts.append(go, " ", drop);
    banner.append(said, acts);
    this.form.before(banner);
    // A form may begin to be typed in far below its top.
    banner.scrollIntoView({ block: "nearest" });
  }

  typed(event) {
    if (!isKept(event.target)) return;
    // At once: a browser that is killed, or a tab on a busy machine, says no farewell.
    this.keepHere(this.content());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT);
  }

  keepHere(content, isSynced = false) {
    this.typedLast = content.typed;
    writeLocal(this.key, { ...content, at: new Date().toISOString(), isSynced });
  }

  content() {
    return { address: this.here, fields: fieldsOf(this.form), tab, typed: Date.now() };
  }

  async save() {
    clearTimeout(this.timer);
    this.timer = null;
    const content = this.content();
    const at = new Date().toISOString();
    this.keepHere(content);
    const body = JSON.stringify(content);
    this.sending = fetch(this.address, {
      method: "POST",
      credentials: "same-origin",
      // The page may go while this is on its way. Browsers refuse to let more than
      // 64 kB outlive it.
      keepalive: body.length < 60_000,
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": this.form.elements.csrfmiddlewaretoken?.value ?? "",
      },
      body,
    })
      .then((answer) => answer.ok && !answer.redirected)
      .catch(() => false);
    const isSynced = await this.sending;
    this.sending = null;
    // What was typed while it was on its way is not on the server yet.
    if (isSynced && this.typedLast === content.typed) this.keepHere(content, true);
    this.say(isSynced ? `Draft kept ${clock(at)}` : `Draft kept in this browser ${clock(at)}`);
  }

  say(words) {
    let place = this.form.querySelector("[data-draft-state]");
    if (!place) {
      place = document.createElement("p");
      place.className = "small muted";
      place.dataset.draftState = "";
      this.form.append(place);
    }
    place.textContent = words;
  }

  flush() {
    return this.timer ? this.save() : this.sending;
  }

  leave() {
    if (this.timer && !this.isSubmitting && !isOver) this.save();
  }

  // What is on its way to the draft must arrive before the form: the server drops the
  // draft when it saves the form. A form sent twice by a double click is sent once.
  async submit(event) {
    if (event.defaultPrevented) return;
    if (this.isSubmitting) {
      if (!this.isReady) event.preventDefault();
      this.isReady = false;
      return;
    }
    this.isSubmitting = true;
    setTimeout(() => (this.isSubmitting = false), ONCE_WITHIN);
    sessionStorage.setItem(sentName(this.key), "yes");
    if (!this.timer && !this.sending) return;
    event.preventDefault();
    const submitter = event.submitter?.isConnected ? event.submitter : null;
    await within([this.flush()]);
    this.isSubmitting = this.isReady = true;
    this.form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  }

  async discard() {
    forgetLocal(this.key);
    try {
      await fetch(this.address, {
        method: "DELETE",
        credentials: "same-origin",
        headers: { "X-CSRFToken": this.form.elements.csrfmiddlewaretoken?.value ?? "" },
      });
    } catch {
      // It is offered once more when the network is back.
    }
  }
}

if (user) {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    keepers.push(new Keeper(form));
  }
}
