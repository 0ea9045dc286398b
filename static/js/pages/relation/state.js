// What the page knows beside the answer: how it is drawn, and which samples are chosen.

import { plain } from "../../figures/chart.js";
import { write } from "../../kit/numbers.js";
import { box, scatter } from "./scatter.js";
import { heatmap, histogram } from "./areas.js";

export const CHARTS = { scatter, box, heatmap, histogram };
const DESCRIPTORS = ["composition", "process", "ion", "element", "measurement", "layer", "device", "cell"];
const MOST_CELLS = 40;

// The chart a field's paper would show for such variables.
export function obviousChart({ axes, points, function: statistic }) {
  const isNumber = (name) => axes[name]?.kind === "number";
  const conditions = ["x", "y"].every((name) => DESCRIPTORS.includes(axes[name].family));
  if (conditions && (isNumber("color") || !isNumber("y")) && !statistic) return "heatmap";
  if (!isNumber("x") && isNumber("y") && !statistic) {
    const names = new Set(points.x);
    if (names.size <= MOST_CELLS && points.x.length >= 1.5 * names.size) return "box";
  }
  return "scatter";
}

// Why a chart cannot be drawn of an answer, or nothing.
export function unfit(kind, { axes, function: statistic }) {
  if (statistic && (kind === "box" || kind === "histogram")) {
    return "Groups have one value each: show every value instead.";
  }
  if (kind === "box" && axes.y.kind !== "number") return "A box needs numbers on the y axis.";
  return "";
}

// A point in words: sample, then each variable with uncertainty and unit.
export function wordsOf(answer) {
  const { axes, points } = answer;
  return (row) => {
    const lines = [`<b>${plain(nameOf(points, row))}</b>`];
    for (const name of ["y", "x", "color", "facet"]) {
      if (axes[name]) lines.push(`${plain(axes[name].label)}: ${plain(valueOf(answer, name, row))}`);
    }
    const origin = originOf(points, row);
    if (origin) lines.push(origin);
    return lines.join("<br>");
  };
}

export function nameOf(points, row) {
  if (!points.sample) return `${points.count[row]} values`;
  const state = points.state[row];
  const cell = points.cell?.[row];
  return points.sample[row] + (cell ? ` / ${cell}` : "") + (state === "as made" ? "" : ` (${state})`);
}

export function valueOf({ axes, points }, name, row) {
  const value = points[name][row];
  if (value === null || axes[name].kind !== "number") return String(value ?? "—");
  const bound = points[`${name}_bound`]?.[row] ?? "=";
  const error = points[`${name}_uncertainty`]?.[row];
  const label = points[`${name}_label`]?.[row];
  const hasOwn = axes[name].variable.endsWith("]");
  const parts = [
    bound === "=" ? "" : bound,
    error ? measured(value, error) : write(value),
    axes[name].unit,
    label && !hasOwn ? `[${label}]` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

// Rounded by the uncertainty, of which two digits are told.
function measured(value, error) {
  const decimals = Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(error))));
  if (Math.abs(value) >= 1e6 || decimals > 8) return `${write(value)} ± ${write(error, 2)}`;
  return `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}`.replace(/^-/, "−");
}

export function originOf(points, row) {
  if (!points.sample) return points.simulated[row] ? "simulated values among them" : "";
  const origin = points.simulated[row] ? "simulated" : points.origin[row];
  return origin === "computed" ? "" : origin;
}

// The chosen rows as a table, every column with its unit in its name.
export function asCsv({ axes, points }, rows) {
  const columns = ["sample", "cell", "state"]
    .filter((name) => points[name])
    .map((name) => [name, points[name]]);
  for (const name of ["x", "y", "color", "facet"]) {
    if (!axes[name]) continue;
    const { label, unit } = axes[name];
    columns.push([unit ? `${label} [${unit}]` : label, points[name]]);
    for (const detail of ["uncertainty", "bound", "label"]) {
      const values = points[`${name}_${detail}`];
      if (values) columns.push([`${label} ${detail}`, values]);
    }
  }
  columns.push(["origin", points.origin], ["sample_id", points.sample_id]);
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns.map(([title]) => cell(title))];
  for (const row of rows) lines.push(columns.map(([, values]) => cell(values[row])));
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}
