// Several curves in one figure: the cell or curve by colour and name, the direction of
// a sweep by dash and marker.

import { complain, drawFigure, load } from "./figure.js";
import { axisLabel } from "../kit/numbers.js";
import { whenSeen } from "../kit/seen.js";

const FORWARD = [5, 4];
const LINE_COLOURS = [1, 2, 3, 4];
const LINE_DASHES = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]];
const COLOURS = 7;
const LONGEST_LABEL = 18;

// Curves of different points on one rising axis; where one has no point it is null.
function joined(curves) {
  const places = new Set();
  for (const curve of curves) for (const value of curve.x) places.add(value);
  places.delete(null);
  const x = Float64Array.from(places).sort();
  const at = new Map();
  x.forEach((value, index) => at.set(value, index));
  const rows = curves.map((curve) => {
    const values = new Array(x.length).fill(null);
    curve.x.forEach((value, index) => {
      if (value !== null) values[at.get(value)] = curve.y[index];
    });
    return values;
  });
  return { x: Array.from(x), rows };
}

function isLine(one) {
  return one.kind === "line" || one.kind === "thin";
}

// Curves of one cell share a colour where there are several cells.
function coloured(curves) {
  const cells = [...new Set(curves.map((one) => one.group ?? one.cell ?? ""))];
  const perCell = cells.length > 1;
  const seen = { reverse: 0, forward: 0 };
  return curves.map((one) => {
    if (isLine(one)) return null;
    if (perCell) return cells.indexOf(one.group ?? one.cell ?? "") % COLOURS;
    const side = one.side ?? "reverse";
    const place = seen[side];
    seen[side] += 1;
    return place % COLOURS;
  });
}

function titled(one, isWhole) {
  const parts = [];
  if (isWhole && (one.group || one.cell)) parts.push(one.group || one.cell);
  if (one.side) parts.push(one.dark ? `dark, ${one.side}` : one.side);
  if (one.labelled) parts.push(`(labelled ${one.labelled})`);
  if (!one.side) parts.push(one.name);
  return parts.join(" ");
}

function seriesOf(curves, rows) {
  const colours = coloured(curves);
  const cells = new Set(curves.map((one) => one.group ?? one.cell ?? ""));
  let lines = 0;
  return curves.map((one, index) => {
    if (one.kind === "thin") {
      const style = { kind: "thin", colour: LINE_COLOURS[0], dash: [3, 3] };
      return { label: one.name, ...style, spanGaps: true, values: rows[index] };
    }
    if (one.kind === "line") {
      const place = lines++ % LINE_COLOURS.length;
      return {
        label: one.name,
        kind: "line",
        colour: LINE_COLOURS[place],
        dash: LINE_DASHES[place],
        spanGaps: true,
        values: rows[index],
      };
    }
    return {
      label: titled(one, cells.size > 1),
      kind: one.kind,
      colour: one.kind === "points" && curves.length === 1 ? undefined : colours[index],
      dash: one.side === "forward" ? FORWARD : undefined,
      hollow: one.side === "forward",
      count: one.x.length,
      values: rows[index],
    };
  });
}

function unitOf(part) {
  return part.unit === "1" ? "" : part.unit;
}

// The figure below is low: a long name stands in the words under it instead.
function shortLabel(part) {
  const whole = axisLabel(part.label, part.unit);
  return whole.length > LONGEST_LABEL ? part.unit : whole;
}

function hintOf(told) {
  const hint = "Drag to zoom, double-click for all of it.";
  return told.below ? `${hint} Below: ${told.below.y.label.toLowerCase()}.` : hint;
}

function specsOf(box, told) {
  const lower = told.below?.curves ?? [];
  const { x, rows } = joined([...told.curves, ...lower]);
  const shared = {
    x: { label: axisLabel(told.x.label, told.x.unit), unit: told.x.unit, values: x },
    simulated: told.simulated,
    small: "small" in box.dataset,
    sync: lower.length ? box.id || undefined : undefined,
  };
  const top = {
    ...shared,
    y: { label: axisLabel(told.y.label, told.y.unit), unit: unitOf(told.y) },
    series: seriesOf(told.curves, rows),
    pins: shared.small ? undefined : told.pins,
    bands: told.bands,
    zeros: told.curves.some((one) => one.kind === "sweep"),
    hideX: lower.length > 0 && Boolean(box.querySelector(".residuals")),
  };
  if (told.range) top.y.range = told.range;
  if (!lower.length) return [top];
  const under = {
    ...shared,
    y: { label: shortLabel(told.below.y), unit: unitOf(told.below.y) },
    series: seriesOf(lower, rows.slice(told.curves.length)),
    under: true,
  };
  if (told.below.range) under.y.range = told.below.range;
  return [top, under];
}

let named = 0;

function draw(box, told) {
  box.id ||= `sweeps-${++named}`;
  const [top, under] = specsOf(box, told);
  top.readout = box.querySelector(".readout");
  top.legend = box.querySelector(".legend");
  if (!top.small) top.hint = hintOf(told);
  drawFigure(box.querySelector(".area.curves"), top);
  const lower = box.querySelector(".area.residuals");
  if (lower) lower.hidden = !under;
  if (under && lower) drawFigure(lower, under);
  const bar = box.closest("section")?.querySelector("[data-export]");
  const specs = under && lower ? [top, under] : [top];
  if (bar && !top.small) offerExport(bar, specs, box.dataset.name);
}

async function offerExport(bar, specs, name) {
  const { wireExport } = await import("../kit/export.js");
  wireExport(bar, () => specs, name);
  bar.hidden = false;
}

const asked = new Map();

function once(address) {
  if (!asked.has(address)) asked.set(address, load(address));
  return asked.get(address);
}

async function show(box) {
  try {
    const whole = await once(box.dataset.curves);
    const { cell } = box.dataset;
    const curves =
      cell === undefined ? whole.curves : whole.curves.filter((one) => one.cell === cell);
    if (!curves.length) throw new Error("there is no curve to draw.");
    draw(box, { ...whole, curves });
  } catch (error) {
    complain(box, error);
  }
}

whenSeen(document.querySelectorAll("[data-curves]"), show);
