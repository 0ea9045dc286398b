// What went wrong behind a page is said over it, and nothing on the page is touched.

const place = document.getElementById("faults");
const said = new Map();

const AWAY = {
  heading: "The lab cannot be reached",
  words:
    "Nothing was sent, and what you typed is still here. Check the connection and try again.",
};
const BROKEN = {
  heading: "Something broke on our side",
  words:
    "What was saved before is safe; this may not have been saved. What you typed is " +
    "still here: try again in a moment.",
};
const SIGNED_OUT = {
  heading: "You are signed out",
  words:
    "Nothing was sent. Sign in in another tab, come back and do it again: what you " +
    "typed is still here.",
};

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// `about` names what failed: said once while it lasts, taken back when it works again.
export function say({ heading, words, link }, about = heading) {
  const text = `${heading} ${words}`;
  if (said.get(about)?.text === text) return;
  takeBack(about);
  const banner = element("div", "", { class: "banner bad", role: "alert" });
  banner.append(element("p", ""), element("p", words));
  banner.firstChild.append(element("strong", heading));
  const acts = element("p", "", { class: "acts" });
  if (link) acts.append(element("a", link.text, { href: link.address, target: "_blank" }));
  const close = element("button", "Close", { type: "button", class: "plain" });
  close.addEventListener("click", () => takeBack(about));
  acts.append(close);
  banner.append(acts);
  place.append(banner);
  said.set(about, { text, banner });
}

export function takeBack(about) {
  said.get(about)?.banner.remove();
  said.delete(about);
}

// The server's own words, from an error page or a problem of the API.
function wordsOf(type, body) {
  if (type.includes("json")) {
    try {
      const { title, detail } = JSON.parse(body);
      return detail && { heading: title || "That did not work", words: detail };
    } catch {
      return null;
    }
  }
  const page = new DOMParser().parseFromString(body, "text/html");
  const heading = page.querySelector("main h1")?.textContent.trim();
  const words = [...page.querySelectorAll("main .words p")]
    .map((line) => line.textContent.trim())
    .join(" ");
  return heading && words ? { heading, words } : null;
}

export function explain(status, type = "", body = "") {
  if (!status) return AWAY;
  const told = wordsOf(type, body);
  if (told) return told;
  if (status >= 500) return BROKEN;
  return {
    heading: "That did not work",
    words: `The lab answered ${status}. What you typed is still here: reload the page and try again.`,
  };
}

export function signedOut() {
  const back = encodeURIComponent(location.pathname + location.search);
  say({
    ...SIGNED_OUT,
    link: { text: "Sign in", address: `${place.dataset.signIn}?next=${back}` },
  });
}

function leadsToSignIn(address) {
  const path = address && new URL(address, location.href).pathname;
  return path === place.dataset.signIn && location.pathname !== path;
}

function quiet(event) {
  return event.detail.elt?.closest?.("[data-quiet]");
}

const path = (event) => event.detail.pathInfo?.requestPath ?? "";

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!leadsToSignIn(event.detail.xhr.responseURL)) return;
  event.detail.shouldSwap = false;
  signedOut();
});
document.addEventListener("htmx:responseError", (event) => {
  if (quiet(event)) return;
  const { xhr } = event.detail;
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  say(explain(xhr.status, type, xhr.responseText), path(event));
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (!quiet(event)) say(AWAY, path(event));
  });
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful !== false && !leadsToSignIn(event.detail.xhr.responseURL)) {
    takeBack(path(event));
    takeBack(SIGNED_OUT.heading);
  }
});

// Signing in anew in another tab changes the token; forms opened before go on to work.
function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
}
document.addEventListener("htmx:configRequest", (event) => {
  const now = token();
  if (now) event.detail.headers["X-CSRFToken"] = now;
});
document.addEventListener(
  "submit",
  (event) => {
    const held = event.target.elements?.csrfmiddlewaretoken;
    const now = token();
    if (held && now) held.value = now;
  },
  true,
);
