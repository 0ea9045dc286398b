// A fitted curve: data as points, fit as line, parts thin, residuals on their own scale.

import { axisLabel, complain, drawFigure, load } from "./figure.js";

const box = document.querySelector("[data-fit]");

async function draw() {
  const dataset = await load(box.dataset.fit);
  const [axis] = dataset.axes;
  const named = Object.fromEntries(dataset.channels.map((one) => [one.name, one]));
  const order = axis.values.map((value, index) => index);
  order.sort((a, b) => axis.values[a] - axis.values[b]);
  const values = (channel) => order.map((index) => channel.values[index]);
  const x = {
    label: axisLabel(axis.label, axis.unit),
    unit: axis.unit,
    values: order.map((index) => axis.values[index]),
  };
  const main = named.data ?? dataset.channels[0];
  const unit = main.unit === "1" ? "" : main.unit;
  const series = [];
  if (named.data) {
    series.push({ label: "Data", kind: "points", values: values(named.data) });
  }
  const offset = named.offset;
  const parts = dataset.channels.filter((one) => one.name.startsWith("component_"));
  parts.forEach((part, index) => {
    // A part stands on the offset, as it does in the sum.
    const raised = part.values.map((value, at) => value + (offset?.values[at] ?? 0));
    series.push({
      label: part.label,
      kind: "thin",
      colour: [0, 2, 3][index % 3],
      dash: [[6, 3], [2, 3], [8, 3, 2, 3]][index % 3],
      values: order.map((at) => raised[at]),
      mark: part.name.replace("component_", ""),
    });
  });
  if (offset) {
    series.push({
      label: "Offset",
      kind: "thin",
      colour: 4,
      dash: [2, 2],
      values: values(offset),
    });
  }
  if (named.fit) {
    series.push({ label: "Fit", kind: "line", colour: 1, values: values(named.fit) });
  }
  const simulated = "simulated" in box.dataset;
  drawFigure(box.querySelector(".area.curves"), {
    x,
    y: { label: axisLabel(main.label, main.unit), unit },
    series,
    simulated,
    sync: "run",
    hideX: Boolean(named.residual),
    readout: box.querySelector(".readout"),
    legend: box.querySelector(".legend"),
    hint: "Drag to zoom, double-click for all of it, arrow keys step through points.",
  });
  const residuals = box.querySelector(".area.residuals");
  if (!named.residual) {
    residuals.hidden = true;
    return;
  }
  drawFigure(residuals, {
    x,
    y: { label: "Residual", unit },
    series: [
      { label: "Residual", kind: "points", values: values(named.residual) },
      {
        label: "Zero",
        kind: "thin",
        colour: 1,
        values: x.values.map(() => 0),
      },
    ],
    simulated,
    sync: "run",
    under: true,
  });
}

if (box) draw().catch((error) => complain(box, error));
