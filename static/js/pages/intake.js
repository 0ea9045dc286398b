// Files dropped, pasted or chosen go up three at a time, each by its own request, and
// come back as rows; what fails stays as a row that can be tried again.

const AT_ONCE = 3;
const form = document.querySelector("[data-drop]");
const list = document.getElementById("intake-rows");
const said = document.getElementById("drop-said");

const waiting = [];
let sending = 0;
let kept = 0;
let opened = form?.dataset.address ? Promise.resolve(form.dataset.address) : null;

const sizeInWords = (bytes) =>
  bytes >= 1e6 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${Math.ceil(bytes / 1e3)} kB`;

function placeholder(entry) {
  const row = document.createElement("li");
  row.className = "intake-row is-sending";
  const name = document.createElement("p");
  name.className = "break";
  const strong = document.createElement("strong");
  strong.textContent = entry.file.name;
  const size = document.createElement("span");
  size.className = "small muted";
  size.textContent = ` ${sizeInWords(entry.file.size)}`;
  name.append(strong, size);
  const state = document.createElement("div");
  const button = document.createElement("button");
  button.type = "button";
  row.append(name, state, button);
  list.append(row);
  return { row, state, button };
}

function show(entry, words, isBad) {
  const { row, state, button } = entry.shown;
  const told = document.createElement("p");
  told.className = isBad ? "problem" : "small muted";
  told.textContent = words;
  state.replaceChildren(told);
  row.classList.toggle("is-refused", Boolean(isBad));
  button.textContent = isBad ? (entry.canRetry ? "Try again" : "Dismiss") : "Cancel";
  button.setAttribute("aria-label", `${button.textContent}: ${entry.file.name}`);
}

function onButton(entry) {
  if (entry.request) {
    entry.request.abort();
    return;
  }
  const place = waiting.indexOf(entry);
  if (place >= 0) {
    waiting.splice(place, 1);
    fail(entry, "Cancelled; the other files go on.", true);
  } else if (entry.canRetry) {
    enqueue(entry);
    next();
  } else {
    entry.shown.row.remove();
  }
}

function fail(entry, words, canRetry) {
  entry.canRetry = canRetry;
  show(entry, words, true);
  said.textContent = `${entry.file.name}: ${words}`;
}

function enqueue(entry) {
  entry.canRetry = false;
  show(entry, "waits for its turn");
  waiting.push(entry);
}

// The first file opens the place for all of them.
function open() {
  opened ??= (async () => {
    const data = new FormData(form);
    data.delete("file");
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: data,
    });
    const told = await answer.json();
    if (!answer.ok) {
      const words = Object.values(told.errors ?? {}).flat().join(" ");
      throw new Error(words || "The files cannot be taken at the moment.");
    }
    history.replaceState(null, "", told.address);
    const where = form.querySelector(".drop-where");
    if (where) where.hidden = true;
    form.action = `${told.address}files/`;
    return told.address;
  })();
  opened.catch(() => (opened = null));
  return opened;
}

async function send(entry) {
  let address;
  try {
    address = await open();
  } catch (error) {
    fail(entry, error.message, true);
    return;
  }
  const data = new FormData();
  data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.append("folder", entry.folder);
  data.append("file", entry.file, entry.file.name);
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Uploading ${entry.file.name}`);
  show(entry, "");
  entry.shown.state.replaceChildren(bar);
  const request = new XMLHttpRequest();
  entry.request = request;
  request.open("POST", `${address}files/`);
  request.setRequestHeader("HX-Request", "true");
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  };
  const ended = await new Promise((resolve) => {
    request.onload = () => resolve("answered");
    request.onerror = () => resolve("lost");
    request.onabort = () => resolve("cancelled");
    request.send(data);
  });
  entry.request = null;
  if (ended === "cancelled") fail(entry, "Cancelled; the other files go on.", true);
  else if (ended === "lost") {
    fail(entry, "The connection was lost. The file is still on your disk.", true);
  } else if (request.status === 413) {
    fail(entry, `Larger than ${sizeInWords(limit())}: it cannot be taken here.`, false);
  } else if (request.status === 400) {
    fail(entry, request.responseText, false);
  } else if (request.status !== 200 || !request.responseText.includes("intake-row")) {
    fail(entry, `The server could not keep it (${request.status}).`, true);
  } else {
    take(entry, request.responseText);
  }
}

function take(entry, html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const row = box.content.querySelector("li");
  entry.shown.row.replaceWith(row);
  htmx.process(row);
  kept += 1;
}

const limit = () => Number(form.dataset.limit);

async function next() {
  if (sending >= AT_ONCE) return;
  const entry = waiting.shift();
  if (!entry) {
    if (!sending && kept) settle();
    return;
  }
  sending += 1;
  try {
    await send(entry);
  } finally {
    sending -= 1;
    next();
  }
}

// All are up: the form for many, the counts and the button follow.
async function settle() {
  said.textContent = `${kept} files kept.`;
  kept = 0;
  const address = await opened;
  await htmx.ajax("GET", `${address}progress/?many=yes`, { swap: "none", source: list });
  form.classList.add("is-small");
}

function add(entries) {
  if (!form || !entries.length) return;
  document.getElementById("intake-section").classList.remove("is-empty");
  entries.sort((one, two) =>
    one.file.name.localeCompare(two.file.name, "en", { numeric: true }),
  );
  for (const { file, folder } of entries) {
    const entry = { file, folder };
    entry.shown = placeholder(entry);
    entry.shown.button.addEventListener("click", () => onButton(entry));
    if (file.size > limit()) {
      const words = `${sizeInWords(file.size)} is more than the ${sizeInWords(limit())} a file may have.`;
      fail(entry, words, false);
    } else {
      enqueue(entry);
    }
  }
  said.textContent = `${entries.length} files on their way.`;
  for (let count = 0; count < AT_ONCE; count += 1) next();
}

const folderOf = (path) => path.split("/").slice(0, -1).join("/");

function fromList(files) {
  return [...files]
    .filter((file) => !file.name.startsWith("."))
    .map((file) => ({ file, folder: folderOf(file.webkitRelativePath ?? "") }));
}

async function walk(entry, folder, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    if (!file.name.startsWith(".")) found.push({ file, folder });
    return;
  }
  const reader = entry.createReader();
  const inside = folder ? `${folder}/${entry.name}` : entry.name;
  for (;;) {
    const some = await new Promise((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (!some.length) return;
    for (const one of some) await walk(one, inside, found);
  }
}

async function fromDrop(data) {
  const roots = [...data.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.());
  if (!roots.some((root) => root?.isDirectory)) return fromList(data.files);
  const found = [];
  for (const root of roots) if (root) await walk(root, "", found);
  return found;
}

function listen() {
  for (const part of form.querySelectorAll("[data-needs-script]")) part.hidden = false;
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      add(fromList(input.files));
      input.value = "";
    });
  }
  // A label is no button to the keyboard; the field it is for is, and looks like it.
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0;
  const mark = (by) => {
    depth = Math.max(0, depth + by);
    document.body.classList.toggle("is-dragged", depth > 0);
  };
  addEventListener("dragenter", (event) => hasFiles(event) && mark(1));
  addEventListener("dragleave", (event) => hasFiles(event) && mark(-1));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(-depth);
    add(await fromDrop(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      add(fromList(event.clipboardData.files));
    }
  });
  addEventListener("beforeunload", (event) => {
    if (sending || waiting.length) event.preventDefault();
  });
}
if (form) listen();

// Ticking: what is set for many holds for the ticked rows, or for all that wait.

let last = null;
const boxes = () => [...list.querySelectorAll("input.pick")];

function count() {
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  for (const part of document.querySelectorAll("[data-pick-count]")) {
    part.textContent = ticked ? `${ticked} ticked` : "all that wait";
  }
  const head = document.querySelector("[data-pick-all]");
  head.closest("label").hidden = all.length === 0;
  head.checked = ticked > 0 && ticked === all.length;
  head.indeterminate = ticked > 0 && ticked < all.length;
}

list.addEventListener("click", (event) => {
  const box = event.target.closest("input.pick");
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)];
  if (event.shiftKey && from >= 0) {
    const range = all.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const one of range) one.checked = box.checked;
  }
  last = box;
  count();
});

document.querySelector("[data-pick-all]").addEventListener("change", (event) => {
  for (const box of boxes()) box.checked = event.target.checked;
  count();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-next-asking]");
  const field = link && list.querySelector(".is-asking [aria-invalid=true]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.scrollIntoView({ block: "center" });
});

// A row that was changed comes back anew: its tick and the place of the hand stay.
let ticks = new Set();
let held = "";
document.addEventListener("htmx:beforeSwap", () => {
  ticks = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
  held = list.contains(document.activeElement) ? document.activeElement.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) if (ticks.has(box.value)) box.checked = true;
  if (held && document.activeElement === document.body) {
    document.getElementById(held)?.focus();
  }
  count();
});
count();
