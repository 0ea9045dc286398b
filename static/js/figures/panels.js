// Panels as the server tells them, drawn: the cell or curve by colour and name, the
// branch of a sweep by dash and marker, bands between two lines, images as colours.

import { complain, drawFigure, load } from "./figure.js";
import { drawMap } from "./map.js";
import { axisLabel } from "../kit/numbers.js";

const DASHED = [5, 4];
const LINE_COLOURS = [1, 2, 3, 4];
const LINE_DASHES = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]];
const PART_COLOURS = [0, 2, 3];
const PART_DASHES = [
  [6, 3],
  [2, 3],
  [8, 3, 2, 3],
];
const BASE = { colour: 4, dash: [2, 2] };
const COLOURS = 7;
const LONGEST_LABEL = 18;
const MOST_NAMED = 12;
const HINT =
  "Drag to zoom, double-click for all of it; arrow keys step through points, " +
  "+ and − zoom, 0 shows all.";

// Curves of different points on one rising axis; where one has no point it is null.
function joined(curves) {
  const places = new Set();
  for (const curve of curves) for (const value of curve.x) places.add(value);
  places.delete(null);
  const x = Float64Array.from(places).sort();
  const at = new Map();
  x.forEach((value, index) => at.set(value, index));
  return {
    x: Array.from(x),
    // Only what is logarithmic cannot show what is not above zero.
    spread(curve, values, isLog) {
      const row = new Array(x.length).fill(null);
      curve.x.forEach((value, index) => {
        const one = values[index];
        if (value !== null && one !== null && !(isLog && one <= 0)) row[at.get(value)] = one;
      });
      return row;
    },
  };
}

// Curves of one cell share a colour where there are several cells.
function coloured(curves) {
  const cells = [...new Set(curves.map((one) => one.group ?? one.cell ?? ""))];
  const perCell = cells.length > 1;
  const seen = new Map();
  return curves.map((one) => {
    if (perCell) return cells.indexOf(one.group ?? one.cell ?? "") % COLOURS;
    const place = seen.get(one.side) ?? 0;
    seen.set(one.side, place + 1);
    return place % COLOURS;
  });
}

function titled(one, isWhole) {
  const parts = [];
  if (isWhole && (one.group || one.cell)) parts.push(one.group || one.cell);
  if (one.side) parts.push(one.aside ? `${one.aside}, ${one.side}` : one.side);
  if (one.labelled) parts.push(`(labelled ${one.labelled})`);
  if (!one.side) parts.push(one.name);
  return parts.join(" ");
}

function seriesOf(panel, axis) {
  const isLog = panel.log.includes("y");
  const data = panel.curves.filter((one) => !["line", "thin"].includes(one.kind));
  const colours = coloured(data);
  const cells = new Set(data.map((one) => one.group ?? one.cell ?? ""));
  const many = panel.curves.filter((one) => one.kind === "line").length > MOST_NAMED;
  let [lines, parts, points] = [0, 0, 0];
  const series = panel.curves.map((one) => {
    const told = { kind: one.kind, values: axis.spread(one, one.y, isLog) };
    if (one.kind === "thin") {
      const place = parts++ % PART_COLOURS.length;
      const style = one.base
        ? { colour: PART_COLOURS[place], dash: PART_DASHES[place] }
        : BASE;
      return { ...told, ...style, label: one.name, mark: one.mark, spanGaps: true };
    }
    if (one.kind === "line") {
      const place = lines++ % LINE_COLOURS.length;
      const style = many
        ? { kind: "thin", colour: place }
        : { colour: LINE_COLOURS[place], dash: LINE_DASHES[place] };
      return { ...told, ...style, label: one.name, mark: one.mark, spanGaps: true };
    }
    const colour = colours[points++];
    return {
      ...told,
      label: titled(one, cells.size > 1),
      colour: one.kind === "points" && data.length === 1 ? undefined : colour,
      dash: one.hollow ? DASHED : undefined,
      hollow: one.hollow,
      count: one.x.length,
    };
  });
  if (panel.zero) {
    const values = axis.x.map(() => 0);
    series.push({ label: "Zero", kind: "thin", colour: 1, values });
  }
  return series;
}

// The two ends of each band as thin lines, and which of the series they are.
function bandsOf(panel, axis, first) {
  const isLog = panel.log.includes("y");
  const series = [];
  const fills = [];
  panel.bands.forEach((band) => {
    const style = { kind: "thin", colour: LINE_COLOURS[0], dash: [3, 3], spanGaps: true };
    for (const end of ["high", "low"]) {
      const label = end === "high" ? `${band.name}, high` : `${band.name}, low`;
      series.push({ ...style, label, values: axis.spread(band, band[end], isLog) });
    }
    fills.push([first + series.length - 2, first + series.length - 1]);
  });
  return { series, fills };
}

function unitOf(part) {
  return part.unit === "1" ? "" : part.unit;
}

// The figure below is low: a long name stands in the words under it instead.
function shortLabel(part) {
  const whole = axisLabel(part.label, part.unit);
  return whole.length > LONGEST_LABEL ? part.unit || part.label : whole;
}

function mapSpec(panel, shared) {
  return {
    isMap: true,
    ...shared,
    title: panel.title,
    across: { ...panel.x, values: panel.image.across, reversed: panel.reversed.includes("x") },
    down: { ...panel.y, values: panel.image.down, reversed: panel.reversed.includes("y") },
    value: { ...panel.value, log: panel.log.includes("value") },
    rows: panel.image.values,
  };
}

// What drawFigure and drawMap take for panels on the same x, one below the other.
export function specsOf(panels, shared = {}) {
  if (panels[0].image) return [mapSpec(panels[0], shared)];
  const axis = joined(panels.flatMap((one) => [...one.curves, ...one.bands]));
  const [main] = panels;
  const isLogX = main.log.includes("x");
  return panels.map((panel, index) => {
    const isUnder = index > 0;
    const series = seriesOf(panel, axis);
    const bands = bandsOf(panel, axis, series.length);
    const label = isUnder ? shortLabel(panel.y) : axisLabel(panel.y.label, panel.y.unit);
    return {
      ...shared,
      x: {
        label: axisLabel(main.x.label, main.x.unit),
        unit: main.x.unit,
        values: isLogX ? axis.x.map((value) => (value > 0 ? value : null)) : axis.x,
        log: isLogX,
        reversed: main.reversed.includes("x"),
      },
      y: {
        label,
        unit: unitOf(panel.y),
        log: panel.log.includes("y"),
        reversed: panel.reversed.includes("y"),
        ...(panel.range && { range: panel.range }),
      },
      series: [...series, ...bands.series],
      fills: bands.fills,
      pins: shared.small ? undefined : panel.pins,
      bands: panel.stretches,
      zeros: panel.cross,
      equal: panel.equal,
      hideX: !isUnder && panels.length > 1,
      under: isUnder,
    };
  });
}

// The panel of a key, by default the first, and those that stand under it.
export function panelsOf(told, key) {
  const above = told.panels.find((one) => !key || one.key === key);
  if (!above) return [];
  return [above, ...told.panels.filter((one) => one.under === above.key)];
}

let named = 0;

// Draws panels into the areas of a box; gives the specs and the plots.
export function drawPanels(box, panels) {
  const isSmall = "small" in box.dataset;
  const lower = [...box.querySelectorAll(".area.residuals")];
  const shown = panels.slice(0, 1 + lower.length);
  box.id ||= `figure-${++named}`;
  const specs = specsOf(shown, {
    simulated: "simulated" in box.dataset,
    small: isSmall,
    sync: shown.length > 1 ? box.id : undefined,
  });
  const [top, ...below] = specs;
  top.readout = box.querySelector(".readout");
  top.legend = box.querySelector(".legend");
  if (!isSmall) top.hint = hintOf(top, shown.slice(1));
  const area = box.querySelector(".area.curves") ?? box.querySelector(".area");
  const plots = [top.isMap ? drawMap(area, top) : drawFigure(area, top)];
  lower.forEach((one, index) => {
    one.hidden = !below[index];
    if (!below[index]) return;
    // They share one line of words, so they leave the same hint in it.
    below[index].readout = top.readout;
    below[index].hint = top.hint;
    plots.push(drawFigure(one, below[index]));
  });
  return { panels: shown, specs, plots };
}

function hintOf(top, below) {
  if (top.isMap) return "";
  const names = below.map((one) => one.y.label.toLowerCase());
  return names.length ? `${HINT} Below: ${names.join(", ")}.` : HINT;
}

const asked = new Map();

function once(address) {
  if (!asked.has(address)) asked.set(address, load(address));
  return asked.get(address);
}

// Draws what the address of a box tells: all of it, one cell of it, or one drawing.
export async function showPanels(box) {
  try {
    const told = await once(box.dataset.curves);
    const { cell, drawing } = box.dataset;
    let panels = panelsOf(told, drawing);
    if (cell !== undefined && panels.length) {
      const curves = panels[0].curves.filter((one) => one.cell === cell);
      panels = [{ ...panels[0], curves }];
    }
    if (!panels.some((one) => one.curves.length || one.bands.length || one.image)) {
      throw new Error("there is no curve to draw.");
    }
    if (told.simulated) box.dataset.simulated = "";
    return drawPanels(box, panels);
  } catch (error) {
    complain(box, error);
    return null;
  }
}

// The program that draws for print is fetched only where a figure is offered for it.
export async function offerExport(box, specs) {
  const bar = box.closest("section")?.querySelector("[data-export]");
  if (!bar || "small" in box.dataset) return;
  const { wireExport } = await import("../kit/export.js");
  wireExport(bar, () => specs, box.dataset.name);
  bar.hidden = false;
}
