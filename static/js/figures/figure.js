// Curves as figures: boxed, ticks inside, quantity and unit on each axis.

/* global uPlot */

import { CATEGORIES } from "./colours.js";
import { tickTexts, write } from "../kit/numbers.js";

const MANY_POINTS = 250;
const darkness = matchMedia("(prefers-color-scheme: dark)");

export function theme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read("--text"),
    muted: read("--muted"),
    line: read("--line"),
    hatch: read("--hatch"),
    surface: read("--figure"),
    font: `12px ${read("--sans")}`,
    categories: CATEGORIES[darkness.matches ? "dark" : "light"],
  };
}

export function onThemeChange(redraw, signal) {
  darkness.addEventListener("change", redraw, { signal });
}

export function axis(colours, label, { values, size = 28 } = {}) {
  return {
    label,
    size,
    labelSize: label ? 20 : 0,
    labelGap: 2,
    font: colours.font,
    labelFont: colours.font,
    stroke: colours.text,
    gap: 10,
    grid: { show: false },
    ticks: { size: -5, stroke: colours.text, width: 1 },
    border: { show: false },
    values: values ?? ((plot, splits) => tickTexts(splits)),
  };
}

const blank = (plot, splits) => splits.map(() => "");

export function drawBox(plot, colours) {
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colours.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([]);
  ctx.strokeRect(left, top, width, height);
  ctx.restore();
}

// Simulated data carry hatching and the word, also in a picture of the plot.
export function drawSimulated(plot, colours, withWord = true) {
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  const step = 14 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = colours.line;
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = devicePixelRatio * 0.5;
  ctx.beginPath();
  for (let start = -height; start < width; start += step) {
    ctx.moveTo(left + start, top + height);
    ctx.lineTo(left + start + height, top);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (!withWord) {
    ctx.restore();
    return;
  }
  ctx.font = colours.font.replace("12px", `${12 * devicePixelRatio}px`);
  ctx.fillStyle = colours.muted;
  ctx.textAlign = "right";
  ctx.textBaseline = "top";
  const gap = 8 * devicePixelRatio;
  // On colours the word needs ground of its own.
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = colours.surface;
  ctx.strokeText("simulated data", left + width - gap, top + gap);
  ctx.fillText("simulated data", left + width - gap, top + gap);
  ctx.restore();
}

// Many points touch each other: open circles would run into a band.
function pointStyle(spec, colour, colours) {
  const many = spec.values.length > MANY_POINTS || spec.isSmall;
  return many
    ? { show: true, size: 2.5, width: 0, stroke: colour, fill: colour }
    : { show: true, size: 4, width: 1, stroke: colour, fill: colours.surface };
}

function seriesOptions(spec, colours) {
  const colour = spec.colour ?? colours.text;
  if (spec.kind === "points") {
    return {
      label: spec.label,
      stroke: colour,
      paths: () => null,
      points: pointStyle(spec, colour, colours),
    };
  }
  if (spec.kind === "sweep") return sweepOptions(spec, colour, colours);
  return {
    label: spec.label,
    stroke: colour,
    width: spec.kind === "thin" ? 1 : 2,
    dash: spec.dash,
    spanGaps: spec.spanGaps,
    points: { show: false },
  };
}

// A sweep shows its points too: filled one way, hollow the other.
function sweepOptions(spec, colour, colours) {
  const step = Math.max(1, Math.round((spec.count ?? 0) / (spec.isSmall ? 12 : 60)));
  const every = (plot, index) => {
    const known = [];
    plot.data[index].forEach((value, at) => {
      if (value !== null && value !== undefined) known.push(at);
    });
    return known.filter((at, place) => place % step === 0);
  };
  return {
    label: spec.label,
    stroke: colour,
    width: 1.25,
    dash: spec.dash,
    spanGaps: true,
    points: {
      show: true,
      size: spec.isSmall ? 4 : 5,
      width: 1,
      stroke: colour,
      fill: spec.hollow ? colours.surface : colour,
      filter: every,
    },
  };
}

function swatch(spec, colours) {
  const canvas = document.createElement("canvas");
  canvas.width = 48;
  canvas.height = 28;
  canvas.setAttribute("aria-hidden", "true");
  const ctx = canvas.getContext("2d");
  ctx.strokeStyle = spec.colour ?? colours.text;
  if (spec.kind === "points") {
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(24, 14, 5, 0, 2 * Math.PI);
    ctx.stroke();
  } else if (spec.kind === "sweep") {
    ctx.lineWidth = 2.5;
    ctx.setLineDash((spec.dash ?? []).map((length) => 2 * length));
    ctx.beginPath();
    ctx.moveTo(0, 14);
    ctx.lineTo(48, 14);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = spec.hollow ? colours.surface : ctx.strokeStyle;
    ctx.beginPath();
    ctx.arc(24, 14, 6, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  } else {
    ctx.lineWidth = spec.kind === "thin" ? 2 : 4;
    ctx.setLineDash((spec.dash ?? []).map((length) => 2 * length));
    ctx.beginPath();
    ctx.moveTo(0, 14);
    ctx.lineTo(48, 14);
    ctx.stroke();
  }
  return canvas;
}

function drawLegend(list, series, colours) {
  list.replaceChildren(
    ...series.map((spec) => {
      const item = document.createElement("li");
      item.append(swatch(spec, colours), spec.label);
      return item;
    }),
  );
}

// A peak's name stands above its curve, so that nobody has to look it up.
function drawMarks(plot, series, colours) {
  const { ctx } = plot;
  ctx.save();
  ctx.font = colours.font.replace("12px", `bold ${13 * devicePixelRatio}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  series.forEach((spec, index) => {
    if (!spec.mark) return;
    const values = plot.data[index + 1];
    let top = -1;
    values.forEach((value, at) => {
      if (value !== null && (top < 0 || value > values[top])) top = at;
    });
    const x = plot.data[0][top];
    if (top < 0 || x < plot.scales.x.min || x > plot.scales.x.max) return;
    ctx.fillStyle = spec.colour ?? colours.text;
    ctx.fillText(
      spec.mark,
      plot.valToPos(x, "x", true),
      plot.valToPos(values[top], "y", true) - 4 * devicePixelRatio,
    );
  });
  ctx.restore();
}

// Places that are results: a diamond with its name, or a line across the figure.
function drawPins(plot, pins, colours) {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  const ratio = devicePixelRatio;
  const size = 5 * ratio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = colours.font.replace("12px", `bold ${12 * ratio}px`);
  ctx.strokeStyle = colours.text;
  ctx.fillStyle = colours.text;
  ctx.lineWidth = 1.25 * ratio;
  // Places of the second sweep are named by those of the first.
  const filled = pins.some((pin) => pin.y !== undefined && !pin.hollow);
  let stacked = 0;
  for (const pin of pins) {
    const x = plot.valToPos(pin.x, "x", true);
    if (pin.y === undefined) {
      ctx.setLineDash([4 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + height);
      ctx.stroke();
      ctx.setLineDash([]);
      const room = left + width - x > 48 * ratio;
      ctx.textAlign = room ? "left" : "right";
      ctx.textBaseline = "top";
      const drop = (4 + 15 * (stacked++ % 5)) * ratio;
      ctx.fillText(pin.text, x + (room ? 5 : -5) * ratio, top + drop);
      continue;
    }
    const y = plot.valToPos(pin.y, "y", true);
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fillStyle = pin.hollow ? colours.surface : colours.text;
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = colours.text;
    if (pin.hollow && filled) continue;
    const room = left + width - x > 48 * ratio;
    ctx.textAlign = room ? "left" : "right";
    ctx.textBaseline = "bottom";
    ctx.fillText(pin.text, x + (room ? 8 : -8) * ratio, y - 3 * ratio);
  }
  ctx.restore();
}

// Stretches without data lie grey behind the curves, each named where there is room.
function drawBands(plot, bands, colours) {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = colours.font.replace("12px", `${11 * devicePixelRatio}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  for (const band of bands) {
    const from = plot.valToPos(band.from, "x", true);
    const to = Math.max(plot.valToPos(band.to, "x", true), from + devicePixelRatio);
    ctx.fillStyle = colours.line;
    ctx.globalAlpha = 0.5;
    ctx.fillRect(from, top, to - from, height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colours.muted;
    if (to - from > 44 * devicePixelRatio) {
      ctx.fillText(band.text, (from + to) / 2, top + height - 4 * devicePixelRatio);
    }
  }
  ctx.restore();
}

// Where current or voltage changes its sign.
function drawZeros(plot, colours) {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.strokeStyle = colours.line;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  if (plot.scales.x.min < 0 && plot.scales.x.max > 0) {
    const x = plot.valToPos(0, "x", true);
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
  }
  if (plot.scales.y.min < 0 && plot.scales.y.max > 0) {
    const y = plot.valToPos(0, "y", true);
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
  }
  ctx.stroke();
  ctx.restore();
}

// Shows a part of the x axis that is `factor` times as long, around the read point.
function zoom(plot, factor, at) {
  const values = plot.data[0];
  const [first, last] = [values[0], values.at(-1)];
  const { min, max } = plot.scales.x;
  const middle = values[at] ?? (min + max) / 2;
  const half = Math.min((factor * (max - min)) / 2, last - first);
  plot.setScale("x", {
    min: Math.max(first, middle - half),
    max: Math.min(last, middle + half),
  });
}

// The ordinates that make a unit of y as long as one of x.
export function asLong(plot, low, high) {
  const { width, height } = plot.bbox;
  const { min, max } = plot.scales.x;
  const half = Math.max(((max - min) * height) / width, 1.1 * (high - low)) / 2;
  const middle = (low + high) / 2;
  return half > 0 ? [middle - half, middle + half] : [low, high];
}

// What ends the figure that stands in an area.
const drawn = new WeakMap();

// spec: {x: {label, values, reversed, log, unit}, y: {label, log, reversed, unit}, series:
// [{label, kind: points|line|thin|sweep, colour, values, mark}], simulated, small, sync;
// hideX: the figure below has the same x; under: this is that figure; pins: places named
// in it; bands: stretches of x; fills: pairs of series with the area between them filled;
// zeros: lines where x and y are 0; equal: one unit is as long on both axes; onReady and
// onDraw: told the plot when it is built anew and whenever it is drawn}
export function drawFigure(box, spec) {
  const area = box.classList.contains("area") ? box : box.querySelector(".area");
  // Drawn anew, it takes the place of what was drawn before, which hears no key more.
  drawn.get(area)?.abort();
  const life = new AbortController();
  const { signal } = life;
  drawn.set(area, life);
  area.replaceChildren();
  const readout = spec.readout ?? box.querySelector(".readout");
  const legend = spec.legend ?? box.querySelector(".legend");
  let plot;

  const build = () => {
    plot?.destroy();
    const colours = theme();
    const series = spec.series.map((one) => ({
      ...one,
      isSmall: spec.small,
      colour: Number.isInteger(one.colour) ? colours.categories[one.colour] : one.colour,
    }));
    const size = () => ({ width: area.clientWidth, height: area.clientHeight });
    const options = {
      ...size(),
      padding: [spec.under ? 2 : 8, 12, spec.hideX ? 2 : 0, 0],
      legend: { show: false },
      cursor: {
        drag: { x: true, y: false },
        points: { size: 7 },
        ...(spec.sync && { sync: { key: spec.sync, scales: ["x", null] } }),
      },
      scales: {
        x: {
          time: false,
          dir: spec.x.reversed ? -1 : 1,
          ...(spec.x.log && { distr: 3 }),
        },
        y: {
          dir: spec.y.reversed ? -1 : 1,
          ...(spec.y.log && { distr: 3 }),
          ...(spec.y.range && { range: spec.y.range }),
          ...(spec.equal && { range: (self, low, high) => asLong(self, low, high) }),
        },
      },
      axes: [
        spec.hideX
          ? axis(colours, null, { values: blank, size: 6 })
          : axis(colours, spec.small ? null : spec.x.label),
        axis(colours, spec.small ? null : spec.y.label, { size: spec.small ? 48 : 60 }),
      ],
      series: [{}, ...series.map((one) => seriesOptions(one, colours))],
      bands: (spec.fills ?? []).map(([high, low]) => ({
        series: [high + 1, low + 1],
        fill: `${series[high].colour}22`,
      })),
      hooks: {
        ready: [(self) => spec.onReady?.(self)],
        drawAxes: [
          (self) => spec.simulated && drawSimulated(self, colours, !spec.under),
          (self) => spec.bands && drawBands(self, spec.bands, colours),
          (self) => spec.zeros && drawZeros(self, colours),
        ],
        draw: [
          (self) => drawMarks(self, series, colours),
          (self) => spec.pins && drawPins(self, spec.pins, colours),
          (self) => drawBox(self, colours),
          (self) => spec.onDraw?.(self),
        ],
        setCursor: [(self) => readout && say(self, series)],
      },
    };
    plot = new uPlot(options, [spec.x.values, ...series.map((one) => one.values)], area);
    if (legend && series.length > 1) drawLegend(legend, series, colours);
    return size;
  };

  const say = (self, series) => {
    const at = self.cursor.idx;
    if (at === null || at === undefined) {
      readout.textContent = spec.hint ?? "";
      return;
    }
    const parts = [`${write(self.data[0][at])} ${spec.x.unit ?? ""}`.trim()];
    series.forEach((one, index) => {
      const value = self.data[index + 1][at];
      if (value === null || value === undefined) return;
      parts.push(`${one.label} ${write(value)} ${spec.y.unit ?? ""}`.trim());
    });
    readout.textContent = parts.join(" · ");
  };

  const size = build();
  if (readout) readout.textContent = spec.hint ?? "";
  const sizes = new ResizeObserver(() => {
    const now = size();
    if (now.width && (now.width !== plot.width || now.height !== plot.height)) {
      plot.setSize(now);
    }
  });
  sizes.observe(area);
  onThemeChange(build, signal);
  signal.addEventListener("abort", () => {
    sizes.disconnect();
    plot.destroy();
  });
  const onKey = (event) => {
    const closer = { "+": 0.5, "-": 2, 0: Infinity }[event.key];
    if (closer && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const together = spec.sync ? uPlot.sync(spec.sync).plots : [plot];
      together.forEach((one) => zoom(one, closer, plot.cursor.idx));
      return;
    }
    const right = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!right || event.target !== area) return;
    event.preventDefault();
    const step = spec.x.reversed ? -right : right;
    const last = plot.data[0].length - 1;
    const now = plot.cursor.idx ?? (step > 0 ? -1 : last + 1);
    const at = Math.max(0, Math.min(last, now + step));
    plot.setCursor({
      left: plot.valToPos(plot.data[0][at], "x"),
      top: plot.bbox.height / devicePixelRatio / 2,
    });
  };
  area.addEventListener("keydown", onKey, { signal });
  return plot;
}

export async function load(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail ?? `The server answered ${answer.status}.`);
  }
  return answer.json();
}

export function complain(box, error) {
  const words = document.createElement("p");
  words.className = "empty";
  words.textContent = `The plot could not be drawn: ${error.message}`;
  (box.querySelector(".area") ?? box).replaceChildren(words);
}
