// Fitted curves: data as points, fit as line, parts thin, residuals on their own scale.

import { adjust } from "../figures/adjust.js";
import { wireExport } from "../kit/export.js";
import { complain, drawFigure, load } from "../figures/figure.js";
import { axisLabel } from "../kit/numbers.js";
import "../kit/keys.js";
import { whenSeen } from "../kit/seen.js";

const PART_COLOURS = [0, 2, 3];
const PART_DASHES = [
  [6, 3],
  [2, 3],
  [8, 3, 2, 3],
];

// What drawFigure takes for the curves and for the residuals below them.
function specs(dataset, box) {
  const [axis] = dataset.axes;
  const named = Object.fromEntries(dataset.channels.map((one) => [one.name, one]));
  const order = axis.values.map((value, index) => index);
  order.sort((a, b) => axis.values[a] - axis.values[b]);
  const sorted = (values) => order.map((index) => values[index]);
  const x = {
    label: axisLabel(axis.label, axis.unit),
    unit: axis.unit,
    values: sorted(axis.values),
  };
  const main = named.data ?? dataset.channels[0];
  const unit = main.unit === "1" ? "" : main.unit;
  const shared = {
    simulated: "simulated" in box.dataset,
    small: "small" in box.dataset,
    sync: box.id || undefined,
  };
  const top = {
    ...shared,
    x,
    y: { label: axisLabel(main.label, main.unit), unit },
    series: curves(dataset, named, sorted),
    hideX: Boolean(named.residual),
  };
  if (!named.residual) return [top];
  const under = {
    ...shared,
    x,
    y: { label: "Residual", unit },
    series: [
      { label: "Residual", kind: "points", values: sorted(named.residual.values) },
      { label: "Zero", kind: "thin", colour: 1, values: x.values.map(() => 0) },
    ],
    under: true,
  };
  return [top, under];
}

function curves(dataset, named, sorted) {
  const series = [];
  if (named.data) {
    series.push({ label: "Data", kind: "points", values: sorted(named.data.values) });
  }
  const parts = dataset.channels.filter((one) => one.name.startsWith("component_"));
  parts.forEach((part, index) => {
    // A part stands on the offset, as it does in the sum.
    const raised = part.values.map(
      (value, at) => value + (named.offset?.values[at] ?? 0),
    );
    series.push({
      label: part.label,
      kind: "thin",
      colour: PART_COLOURS[index % PART_COLOURS.length],
      dash: PART_DASHES[index % PART_DASHES.length],
      values: sorted(raised),
      mark: part.name.replace("component_", ""),
    });
  });
  if (named.offset) {
    series.push({
      label: "Offset",
      kind: "thin",
      colour: 4,
      dash: [2, 2],
      values: sorted(named.offset.values),
    });
  }
  if (named.fit) {
    series.push({
      label: "Fit",
      kind: "line",
      colour: 1,
      values: sorted(named.fit.values),
    });
  }
  return series;
}

function drawFit(box, dataset) {
  const [top, under] = specs(dataset, box);
  top.readout = box.querySelector(".readout");
  top.legend = box.querySelector(".legend");
  if (!top.small) {
    top.hint =
      "Drag to zoom, double-click for all of it; arrow keys step through points, " +
      "+ and − zoom, 0 shows all.";
  }
  const plots = [drawFigure(box.querySelector(".area.curves"), top)];
  const residuals = box.querySelector(".area.residuals");
  if (residuals) residuals.hidden = !under;
  if (under && residuals) plots.push(drawFigure(residuals, under));
  return { specs: under ? [top, under] : [top], plots };
}

let boxesNamed = 0;

async function show(box) {
  box.id ||= `fit-${++boxesNamed}`;
  try {
    const preview = await load(box.dataset.fit);
    let dataset = preview.curve ?? preview;
    if (dataset.is_downsampled && box.dataset.exact) dataset = await load(box.dataset.exact);
    return { dataset, ...drawFit(box, dataset) };
  } catch (error) {
    complain(box, error);
    return null;
  }
}

// Small multiples tell differences only on the same axes.
function share(drawn) {
  for (const place of [0, 1]) {
    const plots = drawn.map((one) => one?.plots[place]).filter(Boolean);
    for (const key of ["x", "y"]) {
      const min = Math.min(...plots.map((plot) => plot.scales[key].min));
      const max = Math.max(...plots.map((plot) => plot.scales[key].max));
      for (const plot of plots) plot.setScale(key, { min, max });
    }
  }
}

const whole = document.querySelector(".run-figure .figure");
const shared = document.querySelector("[data-shared-axes]");

if (whole) {
  const drawn = whole.dataset.fit ? show(whole) : Promise.resolve(null);
  const bar = document.querySelector(".run-figure [data-export]");
  let specsDrawn = null;
  if (bar) {
    wireExport(bar, () => specsDrawn, whole.dataset.name);
    bar.hidden = false;
  }
  drawn.then((one) => {
    specsDrawn = one?.specs ?? null;
    const panel = document.querySelector("[data-adjust]");
    if (panel) adjust(panel, whole, one);
  });
}
if (shared) {
  Promise.all([...shared.querySelectorAll("[data-fit]")].map(show)).then((drawn) =>
    // The first range is known only once a plot was drawn.
    requestAnimationFrame(() => share(drawn)),
  );
} else {
  whenSeen(document.querySelectorAll("[data-fit][data-small]"), show);
}
