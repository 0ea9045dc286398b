// Figures for print: 85 or 180 mm wide, dark ink on white, as SVG or PNG.

import {
  boxedAxis,
  colourBar,
  frame,
  loadPlotly,
  plain,
  printStyle,
} from "../figures/chart.js";
import { colourAt } from "../figures/colours.js";
import { axisLabel } from "./numbers.js";

const PIXELS_PER_MM = 96 / 25.4;
const DOTS_PER_MM = 600 / 25.4;
const RESIDUALS = 0.24;

// Saves a figure. `spec` is what drawFigure takes, a list of such (a curve and its
// residuals, one below the other), or a chart: {build}.
export async function exportFigure(spec, { format = "svg", width = 85, name } = {}) {
  const svg = await figureSvg(spec, width);
  const file = fileName(name ?? "figure", width);
  if (format === "svg") {
    save(new Blob([svg], { type: "image/svg+xml" }), `${file}.svg`);
    return;
  }
  save(await rasterise(svg), `${file}.png`);
}

// The figure as the text of an SVG file, its size told in millimetres.
export async function figureSvg(spec, width) {
  const Plotly = await loadPlotly();
  const style = printStyle(width);
  const { data, layout } = spec.build ? spec.build(style) : drawn([spec].flat(), style);
  const figure = { data, layout: { ...frame(style), ...layout } };
  const size = { width: figure.layout.width, height: figure.layout.height };
  const text = await Plotly.toImage(figure, {
    format: "svg",
    imageDataOnly: true,
    ...size,
  });
  // As text: a parser would take the picture's own style attributes for the page's.
  return text.replace(/^<svg[^>]*>/, (root) =>
    root
      .replace(/ viewBox="[^"]*"/, "")
      .replace(/ width="[^"]*"/, ` width="${width}mm"`)
      .replace(/ height="[^"]*"/, ` height="${millimetres(size.height)}mm"`)
      .replace(/>$/, ` viewBox="0 0 ${size.width} ${millimetres(size.height, 1)}">`),
  );
}

function millimetres(pixels, perUnit = PIXELS_PER_MM) {
  return (pixels / perUnit).toFixed(2);
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Buttons in [data-export] save what `find` gives: format and width stand on each.
export function wireExport(bar, find, name) {
  bar.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-format]");
    const spec = button && find();
    if (!spec) return;
    button.disabled = true;
    try {
      await exportFigure(spec, {
        format: button.dataset.format,
        width: Number(button.dataset.width),
        name: typeof name === "function" ? name() : name,
      });
    } finally {
      button.disabled = false;
    }
  });
}

function fileName(name, width) {
  const told = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${told || "figure"}-${width}mm`;
}

// The content policy lets a picture in as data, not as a blob.
async function rasterise(svg) {
  const picture = new Image();
  const [width, height] = ["width", "height"].map((side) =>
    Number(new RegExp(`^<svg[^>]* ${side}="([\\d.]+)mm"`).exec(svg)[1]),
  );
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * DOTS_PER_MM);
  canvas.height = Math.round(height * DOTS_PER_MM);
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = "#ffffff";
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return withResolution(await blob.arrayBuffer());
}

// Tells the resolution in the file, so that a text program sets it at its true width.
function withResolution(buffer) {
  const AFTER_HEADER = 33;
  const chunk = new DataView(new ArrayBuffer(21));
  const perMetre = Math.round(DOTS_PER_MM * 1000);
  chunk.setUint32(0, 9);
  [..."pHYs"].forEach((letter, at) => chunk.setUint8(4 + at, letter.charCodeAt(0)));
  chunk.setUint32(8, perMetre);
  chunk.setUint32(12, perMetre);
  chunk.setUint8(16, 1);
  chunk.setUint32(17, checksum(new Uint8Array(chunk.buffer, 4, 13)));
  const parts = [buffer.slice(0, AFTER_HEADER), chunk.buffer, buffer.slice(AFTER_HEADER)];
  return new Blob(parts, { type: "image/png" });
}

function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    }
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function drawn(specs, style) {
  return specs[0].isMap ? map(specs[0], style) : curves(specs, style);
}

// Colours of drawMap, as on the screen.
function map(spec, style) {
  const isLog = spec.value.log;
  const words = axisLabel(spec.value.label, spec.value.unit);
  const steps = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
  const annotations = [];
  const layout = {
    annotations,
    height: style.width * 0.8,
    xaxis: boxedAxis(style, plain(axisLabel(spec.across.label, spec.across.unit)), {
      autorange: spec.across.reversed ? "reversed" : true,
    }),
    yaxis: boxedAxis(style, plain(axisLabel(spec.down.label, spec.down.unit)), {
      autorange: spec.down.reversed ? true : "reversed",
    }),
  };
  if (spec.simulated) Object.assign(layout, simulatedMark(style, annotations));
  const shown = (value) => (isLog ? (value > 0 ? Math.log10(value) : null) : value);
  const data = [
    {
      type: "heatmap",
      x: spec.across.values,
      y: spec.down.values,
      z: spec.rows.map((row) => row.map(shown)),
      colorscale: steps.map((step) => [step, `rgb(${colourAt(step).join(",")})`]),
      colorbar: colourBar(style, plain(isLog ? `log₁₀ ${words}` : words)),
    },
  ];
  return { data, layout };
}

// Curves of drawFigure, one below the other where there are residuals.
function curves(specs, style) {
  const [main] = specs;
  const data = [];
  const annotations = [];
  const layout = {
    height: style.width * (specs.length > 1 ? 0.92 : 0.75),
    annotations,
    showlegend: main.series.length > 1,
  };
  layout.xaxis = boxedAxis(style, plain(specs.at(-1).x.label ?? main.x.label), {
    autorange: main.x.reversed ? "reversed" : true,
    type: main.x.log ? "log" : "linear",
    anchor: specs.length > 1 ? `y${specs.length}` : "y",
  });
  specs.forEach((spec, index) => {
    const number = index ? index + 1 : "";
    layout[`yaxis${number}`] = boxedAxis(style, plain(spec.y.label), {
      type: spec.y.log ? "log" : "linear",
      autorange: spec.y.reversed ? "reversed" : true,
      ...(main.equal && { scaleanchor: "x" }),
      domain: domain(index, specs.length),
    });
    if (specs.length > 1 && !index) {
      // The upper box closes itself with the same axis without its words.
      layout.xaxis9 = {
        ...boxedAxis(style, ""),
        matches: "x",
        anchor: "y",
        showticklabels: false,
      };
    }
    for (const one of spec.series) {
      const axes = {
        xaxis: specs.length > 1 && !index ? "x9" : "x",
        yaxis: `y${number}`,
      };
      data.push({ ...trace(one, spec, style), ...axes, showlegend: !index });
      if (one.mark) annotations.push(mark(one, spec, axes, style));
    }
  });
  for (const pin of main.pins ?? []) annotations.push(pinned(pin, main));
  if (main.simulated) Object.assign(layout, simulatedMark(style, annotations));
  return { data, layout };
}

function domain(index, count) {
  if (count === 1) return [0, 1];
  return index ? [0, RESIDUALS - 0.02] : [RESIDUALS + 0.02, 1];
}

function trace(one, spec, style) {
  const colour = Number.isInteger(one.colour)
    ? style.categories[one.colour]
    : style.text;
  const shared = { type: "scatter", name: plain(one.label), x: spec.x.values, y: one.values };
  if (one.kind === "points") {
    const hollow = { color: style.surface, size: 3.5, line: { color: colour, width: 0.75 } };
    return { ...shared, mode: "markers", marker: hollow };
  }
  const isSweep = one.kind === "sweep";
  return {
    ...shared,
    connectgaps: isSweep || Boolean(one.spanGaps),
    mode: isSweep ? "lines+markers" : "lines",
    ...(isSweep && {
      marker: {
        color: one.hollow ? style.surface : colour,
        size: 3,
        line: { color: colour, width: 0.75 },
      },
    }),
    line: {
      color: colour,
      width: one.kind === "thin" ? 0.75 : 1.25,
      dash: one.dash ? one.dash.map((length) => `${length}px`).join(",") : "solid",
    },
  };
}

function pinned(pin, spec) {
  const at = (value, isLog) => (isLog ? Math.log10(value) : value);
  const whole = pin.y === undefined;
  return {
    xref: "x",
    yref: whole ? "paper" : "y",
    x: at(pin.x, spec.x.log),
    y: whole ? 1 : at(pin.y, spec.y.log),
    text: whole ? plain(pin.text) : `${pin.hollow ? "◇" : "◆"} ${plain(pin.text)}`,
    yanchor: whole ? "top" : "middle",
    xanchor: "left",
    showarrow: false,
  };
}

function mark(one, spec, axes, style) {
  let top = -1;
  one.values.forEach((value, at) => {
    if (value !== null && (top < 0 || value > one.values[top])) top = at;
  });
  return {
    xref: axes.xaxis,
    yref: axes.yaxis,
    x: spec.x.log ? Math.log10(spec.x.values[top]) : spec.x.values[top],
    y: spec.y.log ? Math.log10(one.values[top]) : one.values[top],
    text: `<b>${plain(one.mark)}</b>`,
    showarrow: false,
    yshift: 8,
    font: { color: Number.isInteger(one.colour) ? style.categories[one.colour] : style.text },
  };
}

// The word stands in the picture, so that it cannot be lost with the caption.
export function simulatedMark(style, annotations = []) {
  annotations.push({
    xref: "paper",
    yref: "paper",
    x: 1,
    y: 1,
    xanchor: "right",
    yanchor: "top",
    xshift: -5,
    yshift: -4,
    showarrow: false,
    text: "simulated data",
    font: { size: style.small, color: style.muted },
  });
  const shapes = [];
  for (let start = -1; start < 1; start += 0.05) {
    shapes.push({
      type: "line",
      layer: "below",
      xref: "paper",
      yref: "paper",
      x0: Math.max(start, 0),
      y0: Math.max(-start, 0),
      x1: Math.min(start + 1, 1),
      y1: Math.min(1 - start, 1),
      line: { color: style.hatch, width: 0.5 },
    });
  }
  return { annotations, shapes };
}
