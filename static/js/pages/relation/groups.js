// How points are told apart: colours and markers of groups, panels, places of texts.

import { CATEGORIES, chartColourAt } from "../../figures/colours.js";
import { colourBar, colourScale, plain, SYMBOLS, title } from "../../figures/chart.js";
import { write } from "../../kit/numbers.js";

export const MOST_PANELS = 12;
const FEW_NUMBERS = 6;
const MOST_GROUPS = 14;

// What an axis is called in a picture; `html` has formulas with subscripts.
export function axisTitle(axis) {
  return title(axis.html ?? plain(axis.label), plain(axis.unit));
}

function distinct(values, isNumber) {
  const known = [...new Set(values)].filter((value) => value !== null);
  return known.sort((a, b) => (isNumber ? a - b : compareTexts(a, b)));
}

export function compareTexts(a, b) {
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

// Groups by colour: [{name, style(theme), rows}], or a scale where numbers are many.
export function groupsOf(points, axes) {
  const all = points.x.map((value, row) => row);
  const axis = axes.color;
  if (!axis) return { groups: [{ name: "", at: 0, of: 1, isNumber: false, rows: all }] };
  const isNumber = axis.kind === "number";
  const values = distinct(points.color, isNumber);
  if (isNumber && values.length > FEW_NUMBERS) {
    return {
      scale: [values[0], values.at(-1)],
      groups: [{ name: "", at: 0, of: 1, isScale: true, rows: all }],
    };
  }
  const shown = values.slice(0, MOST_GROUPS);
  const places = new Map(shown.map((value, at) => [value, at]));
  const groups = shown.map((value, at) => ({
    name: isNumber ? write(value, 5) : String(value),
    at,
    of: shown.length,
    isNumber,
    rows: [],
  }));
  const rest = { name: "", isRest: true, rows: [] };
  for (const row of all) {
    const at = places.get(points.color[row]);
    (at === undefined ? rest : groups[at]).rows.push(row);
  }
  if (rest.rows.length) {
    const others = values.length - shown.length;
    rest.name = others > 0 ? `${others} others` : "not known";
    groups.push(rest);
  }
  return { groups };
}

export function colourOf(group, style) {
  if (group.isRest) return style.muted;
  if (group.isNumber) {
    return chartColourAt(group.of > 1 ? group.at / (group.of - 1) : 0.5, style);
  }
  const colours = CATEGORIES[style.isDark ? "dark" : "light"];
  return colours[group.at % colours.length];
}

export function symbolOf(group) {
  return group.isRest ? "circle" : SYMBOLS[(group.at ?? 0) % SYMBOLS.length];
}

export function scaleOf(style, axis, [low, high]) {
  return {
    cmin: low,
    cmax: high,
    colorscale: colourScale(style),
    colorbar: colourBar(style, axisTitle(axis)),
  };
}

// One panel a value of the facet; numbers too many for that are parted into ranges.
export function panelsOf(points, axes) {
  const all = points.x.map((value, row) => row);
  const axis = axes.facet;
  if (!axis) return { panels: [{ title: "", rows: all }], left: 0 };
  const isNumber = axis.kind === "number";
  const values = distinct(points.facet, isNumber);
  const unit = axis.unit ? ` ${axis.unit}` : "";
  if (isNumber && values.length > MOST_PANELS) return rangePanels(points, values, unit);
  const shown = values.slice(0, MOST_PANELS);
  const rows = new Map(shown.map((value) => [value, []]));
  let left = 0;
  for (const row of all) {
    if (points.facet[row] === null) left += 1;
    else if (rows.has(points.facet[row])) rows.get(points.facet[row]).push(row);
    else left += 1;
  }
  const panels = shown.map((value) => ({
    title: isNumber ? `${write(value, 5)}${unit}` : String(value),
    rows: rows.get(value),
  }));
  return { panels, left };
}

function rangePanels(points, values, unit) {
  const count = 6;
  const low = values[0];
  const step = (values.at(-1) - low) / count;
  const panels = Array.from({ length: count }, (none, at) => ({
    title: `${write(low + at * step, 3)} to ${write(low + (at + 1) * step, 3)}${unit}`,
    rows: [],
  }));
  let left = 0;
  points.facet.forEach((value, row) => {
    if (value === null) left += 1;
    else panels[Math.min(count - 1, Math.floor((value - low) / step))].rows.push(row);
  });
  return { panels: panels.filter((panel) => panel.rows.length), left };
}

// Numbers as they are; texts become places 0, 1, 2 … with their names as ticks.
export function placesOf(values, axis) {
  if (axis.kind === "number") return { values, ticks: null };
  const texts = distinct(values, false);
  const places = new Map(texts.map((text, at) => [text, at]));
  return {
    values: values.map((value) => places.get(value) ?? null),
    ticks: tickTexts(texts.map((text) => plain(text))),
    count: texts.length,
  };
}

export function tickTexts(texts, most = 40) {
  const every = Math.ceil(texts.length / most);
  const shown = texts.map((text, at) => at).filter((at) => at % every === 0);
  return {
    tickmode: "array",
    tickvals: shown,
    ticktext: shown.map((at) => shorten(texts[at])),
    range: [-0.6, texts.length - 0.4],
  };
}

function shorten(text) {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}

// Where a magnitude is parted: its own values if they are few, else equal steps.
export function binsOf(values, { isLog = false, few = 40, steps = 20 } = {}) {
  const known = values.filter((value) => value !== null && (!isLog || value > 0));
  const there = distinct(known, true);
  if (!there.length) return { centres: [], edges: [], index: () => -1 };
  const to = isLog ? Math.log10 : (value) => value;
  const from = isLog ? (value) => 10 ** value : (value) => value;
  if (there.length <= few) {
    const at = new Map(there.map((value, index) => [value, index]));
    return { centres: there, isExact: true, index: (value) => at.get(value) ?? -1 };
  }
  const [low, high] = [to(there[0]), to(there.at(-1))];
  const step = (high - low) / steps;
  const edges = Array.from({ length: steps + 1 }, (none, at) => from(low + at * step));
  return {
    centres: edges.slice(1).map((edge, at) => from(low + (at + 0.5) * step)),
    edges,
    isExact: false,
    index: (value) =>
      value === null || (isLog && value <= 0)
        ? -1
        : Math.min(steps - 1, Math.max(0, Math.floor((to(value) - low) / step))),
  };
}
