// The explorer: its form, its chart, and what is chosen in it.

import { drawChart } from "../figures/chart.js";
import { wireExport } from "../kit/export.js";
import { complain } from "../figures/figure.js";
import { wireForm } from "./relation/form.js";
import { heightFor } from "./relation/panels.js";
import { MOST_PANELS, panelsOf } from "./relation/groups.js";
import { wirePicks } from "./relation/picks.js";
import { MOST_ERROR_BARS } from "./relation/scatter.js";
import {
  CHARTS,
  nameOf,
  obviousChart,
  originOf,
  unfit,
  valueOf,
  wordsOf,
} from "./relation/state.js";

const ROLES = ["y", "x", "color", "facet"];

async function wireChart(root) {
  const area = root.querySelector(".area");
  const bar = root.querySelector(".chart-bar");
  const note = root.querySelector(".chart-note");
  const query = new URLSearchParams(location.search);
  const reply = await fetch(root.dataset.points, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
  const answer = await reply.json();
  if (!answer.points.x?.length) throw new Error("these groups have no x to be drawn at");
  const asked = query.get("chart") ?? chartOfForm();
  const state = {
    kind: CHARTS[asked] && !unfit(asked, answer) ? asked : obviousChart(answer),
    log: { x: query.getAll("log").includes("x"), y: query.getAll("log").includes("y") },
    picked: new Set(),
    words: memo(wordsOf(answer)),
  };
  const isTouch = matchMedia("(pointer: coarse)").matches;
  let drag = isTouch ? false : "zoom";
  const form = document.querySelector("form[data-picks]");
  const picks = form && wirePicks(form, { answer, onChange: repick });
  let chart;

  const build = () => {
    const drawn = CHARTS[state.kind](answer, state);
    return (style) => {
      const { data, layout } = drawn(style);
      const mode = drag && (state.kind === "heatmap" ? "zoom" : drag);
      return { data, layout: { dragmode: mode, ...layout } };
    };
  };

  function redraw() {
    const { panels } = panelsOf(answer.points, answer.axes);
    const height = state.kind === "heatmap" ? heightOfMap : heightFor;
    area.style.height = `${height(panels.length, area.clientWidth)}px`;
    note.textContent = notes(answer, state).join(" ");
    return chart.redraw(build());
  }

  function repick(ids) {
    state.picked = ids;
    if (chart && state.kind !== "heatmap" && state.kind !== "histogram") redraw();
  }

  const { panels } = panelsOf(answer.points, answer.axes);
  const height = state.kind === "heatmap" ? heightOfMap : heightFor;
  area.style.height = `${height(panels.length, area.clientWidth)}px`;
  chart = await drawChart(area, build(), {
    plotly_click: (event) => open(event.points[0], event.event),
    plotly_selected: (event) => {
      if (event?.points?.length) choose(event.points.flatMap((point) => point.customdata));
    },
    plotly_deselect: () => picks?.pick([]),
  });
  note.textContent = notes(answer, state).join(" ");

  const choose = (rows, more) => {
    if (!picks) return;
    picks.pick(rows.map((row) => answer.points.sample_id[row]), more);
  };
  const card = pointCard(root, answer, choose);
  const open = (point, event) => {
    if (point?.customdata === undefined) return;
    const rows = [point.customdata].flat();
    if (!rows.length) return;
    window.Plotly.Fx.unhover(area);
    card.show(rows, event);
  };
  stepThrough(area, chart, () => area.data, card);

  bar.hidden = false;
  for (const input of bar.querySelectorAll("[name=drawn-as]")) {
    input.checked = input.value === state.kind;
    const why = unfit(input.value, answer);
    input.disabled = Boolean(why);
    input.parentElement.title = why;
  }
  for (const input of bar.querySelectorAll("[name=log-axis]")) {
    input.checked = state.log[input.value];
  }
  for (const input of bar.querySelectorAll("[name=drag]")) input.checked = input.value === drag;
  bar.addEventListener("change", ({ target }) => {
    if (target.name === "drawn-as") state.kind = target.value;
    if (target.name === "log-axis") state.log[target.value] = target.checked;
    if (target.name === "drag") drag = target.value;
    else keep(state);
    card.hide();
    redraw();
  });
  bar.querySelector("[data-whole]").addEventListener("click", () => {
    const names = Object.keys(area.layout).filter((name) => /^[xy]axis/.test(name));
    chart.relayout(Object.fromEntries(names.map((name) => [`${name}.autorange`, true])));
  });
  const buttons = document.querySelector("#explorer [data-export]");
  if (buttons) {
    buttons.hidden = false;
    wireExport(buttons, () => ({ build: build() }), () => figureName(answer));
  }
  root.dataset.drawn = state.kind;
}

function heightOfMap(count, width) {
  return count === 1 ? Math.max(340, Math.min(520, width * 0.5)) : heightFor(count, width);
}

function chartOfForm() {
  return document.querySelector("[data-question] [name=chart]")?.value;
}

// Words of a point are made once: many thousand are asked for at every drawing.
function memo(tell) {
  const told = [];
  return (row) => (told[row] ??= tell(row));
}

// What is left out of the picture is said under it.
function notes(answer, state) {
  const { points, count, shown } = answer;
  const told = [];
  if (shown < count) told.push(`${shown} of ${count} are drawn, the first by x.`);
  if (state.kind === "scatter" && points.x.length > MOST_ERROR_BARS) {
    const has = points.x_uncertainty || points.y_uncertainty;
    if (has) told.push(`Error bars are left out above ${MOST_ERROR_BARS} points.`);
  }
  const { left } = panelsOf(points, answer.axes);
  if (left) told.push(`${left} are in none of the ${MOST_PANELS} panels at most: their value is another, or not known.`);
  const axes = state.kind === "histogram" ? { x: "y" } : { x: "x", y: "y" };
  for (const [axis, name] of Object.entries(axes)) {
    if (!state.log[axis] || answer.axes[name].kind !== "number") continue;
    const lost = points[name].filter((value) => value !== null && value <= 0).length;
    if (lost) told.push(`${lost} not above zero have no place on a logarithmic ${axis} axis.`);
  }
  return told;
}

function figureName({ axes }) {
  return `${axes.y.label}-against-${axes.x.label}`.slice(0, 80);
}

// How it is drawn belongs to the address, so that a copied link shows the same.
function keep(state) {
  const query = new URLSearchParams(location.search);
  query.set("chart", state.kind);
  query.delete("log");
  for (const axis of ["x", "y"]) if (state.log[axis]) query.append("log", axis);
  history.replaceState(history.state, "", `${location.pathname}?${query}`);
  const form = document.querySelector("[data-question]");
  form.querySelectorAll("[name=chart], [name=log]").forEach((input) => input.remove());
  for (const name of ["chart", "log"]) {
    for (const value of query.getAll(name)) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
  }
  for (const input of document.querySelectorAll(".saved-views-dialog input[name=query]")) {
    input.value = query.toString();
  }
}

// A small card about the point clicked: what it is, where it leads, no jump.
function pointCard(root, answer, choose) {
  const card = root.querySelector(".point-card");
  const { points, axes } = answer;
  const hide = () => (card.hidden = true);
  const element = (name, text, more = {}) =>
    Object.assign(document.createElement(name), { textContent: text, ...more });

  const show = (rows, event) => {
    const [row] = rows;
    const close = element("button", "✕", { type: "button", className: "plain", ariaLabel: "Close" });
    close.addEventListener("click", hide);
    card.replaceChildren(close);
    if (rows.length === 1 && points.sample) {
      const link = element("a", nameOf(points, row), { className: "code" });
      link.href = `/samples/${points.sample_id[row]}/`;
      card.append(link);
    } else card.append(element("strong", points.sample ? `${rows.length} values` : nameOf(points, row)));
    if (rows.length === 1) {
      const list = document.createElement("dl");
      for (const name of ROLES.filter((role) => axes[role])) {
        list.append(element("dt", axes[name].label), element("dd", valueOf(answer, name, row)));
      }
      const origin = originOf(points, row);
      if (origin) list.append(element("dt", "Origin"), element("dd", origin));
      card.append(list);
    }
    if (points.sample) {
      const many = new Set(rows.map((one) => points.sample_id[one])).size;
      const button = element("button", many === 1 ? "Select this sample" : `Select these ${many} samples`, { type: "button" });
      button.addEventListener("click", () => {
        choose(rows, { isMore: true });
        hide();
      });
      card.append(button);
    }
    card.hidden = false;
    place(card, event);
  };
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || card.hidden) return;
    event.stopPropagation();
    if (card.contains(document.activeElement)) root.querySelector(".area").focus();
    hide();
  });
  return { show, hide, focus: () => card.querySelector("a, button").focus() };
}

function place(card, event) {
  const figure = card.parentElement.getBoundingClientRect();
  const x = event?.clientX ? event.clientX - figure.left + 12 : 60;
  const y = event?.clientY ? event.clientY - figure.top + 12 : 20;
  card.style.left = `${Math.max(4, Math.min(x, figure.width - card.offsetWidth - 4))}px`;
  card.style.top = `${Math.max(4, Math.min(y, figure.height - card.offsetHeight - 4))}px`;
}

// The arrow keys read the points in the order of x; Enter opens the card of one.
function stepThrough(area, chart, traces, card) {
  let at = -1;
  const all = () =>
    traces()
      .flatMap((trace, curveNumber) =>
        (trace.type === "scatter" || trace.type === "bar") && trace.customdata
          ? trace.x.map((x, pointNumber) => ({ x, curveNumber, pointNumber, rows: [trace.customdata[pointNumber]].flat() }))
          : [],
      )
      .sort((a, b) => a.x - b.x || a.curveNumber - b.curveNumber);
  area.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const points = step || event.key === "Enter" ? all() : [];
    if (step && points.length) {
      event.preventDefault();
      at = Math.max(0, Math.min(points.length - 1, at < 0 && step < 0 ? points.length - 1 : at + step));
      const { curveNumber, pointNumber } = points[at];
      const subplot = `${area.data[curveNumber].xaxis ?? "x"}${area.data[curveNumber].yaxis ?? "y"}`;
      window.Plotly.Fx.hover(area, [{ curveNumber, pointNumber }], subplot);
    } else if (event.key === "Enter" && points[at]) {
      event.preventDefault();
      card.show(points[at].rows);
      card.focus();
    }
  });
}

function wire() {
  const form = document.querySelector("[data-question]:not([data-wired])");
  if (form) {
    form.dataset.wired = "yes";
    wireForm(form);
  }
  const root = document.querySelector("[data-points]:not([data-wired])");
  if (!root) return;
  root.dataset.wired = "yes";
  wireChart(root).catch((error) => complain(root, error));
}

wire();
document.addEventListener("htmx:load", wire);
