// Previews of datasets: a curve as points or line, an image as a map of colours.

import { complain, drawFigure, load } from "./figure.js";
import { axisLabel, write } from "../kit/numbers.js";
import { colourAt } from "./colours.js";
import { whenSeen } from "../kit/seen.js";

const POINTS_UP_TO = 400;

function channelsToDraw(dataset, wanted) {
  const main = dataset.channels.find((one) => one.name === wanted);
  return [main ?? dataset.channels[0]];
}

function drawCurve(box, dataset) {
  const [axis] = dataset.axes;
  const channels = channelsToDraw(dataset, box.dataset.channel);
  const few = axis.values.length <= POINTS_UP_TO && !("small" in box.dataset);
  // Instruments also scan downwards; uPlot wants x to rise.
  const order = axis.values.map((value, index) => index);
  order.sort((a, b) => axis.values[a] - axis.values[b]);
  const sorted = (values) => order.map((index) => values[index]);
  const spec = {
    x: {
      label: axisLabel(axis.label, axis.unit),
      unit: axis.unit,
      values: sorted(axis.values),
    },
    y: {
      label: axisLabel(channels[0].label, channels[0].unit),
      unit: channels[0].unit === "1" ? "" : channels[0].unit,
      log: "log" in box.dataset,
    },
    series: channels.map((channel) => ({
      label: channel.label,
      kind: few ? "points" : "line",
      values: sorted(channel.values),
    })),
    simulated: "simulated" in box.dataset,
    small: "small" in box.dataset,
    hint: "small" in box.dataset ? "" : "Drag to zoom, double-click for all of it.",
  };
  drawFigure(box, spec);
  const bar = box.closest("section")?.querySelector("[data-export]");
  if (bar && !spec.small) offerExport(bar, spec, box.dataset.name);
}

// The program that draws for print is fetched only where a figure is offered for it.
async function offerExport(bar, spec, name) {
  const { wireExport } = await import("../kit/export.js");
  wireExport(bar, () => spec, name);
  bar.hidden = false;
}

function drawImage(box, dataset) {
  const area = box.querySelector(".area");
  const rows = dataset.channels[0].values;
  const canvas = document.createElement("canvas");
  canvas.width = rows[0].length;
  canvas.height = rows.length;
  canvas.className = "map";
  const ctx = canvas.getContext("2d");
  const flat = rows.flat().filter((value) => value !== null);
  const low = Math.min(...flat);
  const span = Math.max(...flat) - low || 1;
  const pixels = ctx.createImageData(canvas.width, canvas.height);
  rows.forEach((row, y) =>
    row.forEach((value, x) => {
      const at = 4 * (y * canvas.width + x);
      if (value === null) return;
      pixels.data.set([...colourAt((value - low) / span), 255], at);
    }),
  );
  ctx.putImageData(pixels, 0, 0);
  area.replaceChildren(canvas);
  const readout = box.querySelector(".readout");
  if (!readout) return;
  const [down, across] = dataset.axes;
  readout.textContent =
    `${down.label} ${write(down.values[0])} to ${write(down.values.at(-1))} ` +
    `${down.unit} (down), ${across.label} ${write(across.values[0])} to ` +
    `${write(across.values.at(-1))} ${across.unit} (across); ` +
    `${dataset.channels[0].label} ${write(low)} to ${write(low + span)}`;
}

async function draw(box) {
  try {
    const preview = await load(box.dataset.preview);
    if (preview.image) drawImage(box, preview.image);
    else if (preview.curve) drawCurve(box, preview.curve);
  } catch (error) {
    complain(box, error);
  }
}

whenSeen(document.querySelectorAll("[data-preview]"), draw);
// Parts of a page that come later have their previews too.
document.addEventListener("htmx:load", ({ target }) => {
  const parts = [...target.querySelectorAll("[data-preview]")];
  if (target.matches("[data-preview]")) parts.unshift(target);
  whenSeen(parts, draw);
});
