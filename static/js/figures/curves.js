// Previews of datasets: a curve as points or line, an image as a map of colours.

import { complain, load } from "./figure.js";
import { drawPanels, offerExport } from "./panels.js";
import { whenSeen } from "../kit/seen.js";

const POINTS_UP_TO = 400;
const MOST_STEPS = 60;

function described({ label, unit }) {
  return { label, unit: unit === "1" ? "" : unit };
}

function panelWith(figure, told) {
  return {
    key: "data",
    title: "",
    under: "",
    log: figure.log ?? [],
    reversed: figure.reversed ?? [],
    curves: [],
    bands: [],
    pins: [],
    stretches: [],
    equal: figure.kind === "nyquist",
    ...told,
  };
}

// A preview as a panel; `figure` is how its technique draws, if that is known.
export function panelOf(preview, figure = {}, isSmall = false) {
  const image = preview.image;
  if (image && figure.kind === "series") return seriesPanel(image, figure);
  if (image && figure.kind !== "curve") return imagePanel(image, figure);
  const dataset = preview.curve;
  if (!dataset) return image ? imagePanel(image, figure) : null;
  const parts = [...dataset.axes, ...dataset.channels];
  const find = (name) => parts.find((one) => one.name === name);
  const x = (figure.kind === "nyquist" && find(figure.x)) || dataset.axes[0];
  const y = dataset.channels.find((one) => one.name === figure.y) ?? dataset.channels[0];
  const isFew = x.values.length <= POINTS_UP_TO && !isSmall;
  const kind = isFew ? "points" : "line";
  return panelWith(figure, {
    x: described(x),
    y: described(y),
    curves: [{ name: y.label, kind, x: x.values, y: y.values }],
  });
}

function turned(rows) {
  return rows[0].map((value, at) => rows.map((row) => row[at]));
}

function imagePanel(image, figure) {
  const names = image.axes.map((one) => one.name);
  const isTurned = figure.x === names[0] && figure.y === names[1];
  const [down, across] = isTurned ? [image.axes[1], image.axes[0]] : image.axes;
  const channel =
    image.channels.find((one) => one.name === figure.value) ?? image.channels[0];
  return panelWith(figure, {
    x: described(across),
    y: described(down),
    value: described(channel),
    image: {
      across: across.values,
      down: down.values,
      values: isTurned ? turned(channel.values) : channel.values,
    },
  });
}

function seriesPanel(image, figure) {
  const along = image.axes.find((one) => one.name === figure.along) ?? image.axes[0];
  const axis = image.axes.find((one) => one !== along);
  const channel = image.channels.find((one) => one.name === figure.y) ?? image.channels[0];
  const rows = along === image.axes[0] ? channel.values : turned(channel.values);
  const step = Math.max(1, Math.ceil(rows.length / MOST_STEPS));
  const curves = rows
    .map((y, at) => ({
      name: `${along.label} ${along.values[at]} ${described(along).unit}`.trim(),
      kind: "line",
      x: axis.values,
      y,
    }))
    .filter((one, at) => at % step === 0);
  return panelWith(figure, { x: described(axis), y: described(channel), curves });
}

async function draw(box) {
  try {
    const figure = JSON.parse(box.dataset.figure ?? "{}");
    const preview = await load(box.dataset.preview);
    const panel = panelOf(preview, figure, "small" in box.dataset);
    if (!panel) throw new Error("there is nothing to draw.");
    offerExport(box, drawPanels(box, [panel]).specs);
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
