// A quantity over two axes as colours, boxed, with a bar that says what they mean.

import { axis, drawBox, drawSimulated, onThemeChange, theme } from "./figure.js";
import { axisLabel, tickTexts, write } from "../kit/numbers.js";
import { colourAt } from "./colours.js";

/* global uPlot */

const BAR = { gap: 12, width: 12, room: 84, small: 64 };

// Between which values the cells of a map lie: halfway to their neighbours.
export function edgesOf(values) {
  if (values.length === 1) return [values[0] - 0.5, values[0] + 0.5];
  const between = values.slice(1).map((value, at) => (value + values[at]) / 2);
  const first = 2 * values[0] - between[0];
  const last = 2 * values.at(-1) - between.at(-1);
  return [first, ...between, last];
}

// The lowest and the highest value shown, as what the colours run over.
export function spanOf(rows, isLog) {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const value of row) {
      if (value === null || (isLog && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [0, 1] : [low, high];
}

// Where a value stands between both ends of the colours, from 0 to 1.
export function shareOf(value, [low, high], isLog) {
  if (low === high) return 0.5;
  if (!isLog) return (value - low) / (high - low);
  return value > 0 ? Math.log(value / low) / Math.log(high / low) : Number.NaN;
}

// The cell a value lies in, or null outside of all.
export function cellAt(edges, value) {
  for (let at = 0; at + 1 < edges.length; at += 1) {
    const low = Math.min(edges[at], edges[at + 1]);
    const high = Math.max(edges[at], edges[at + 1]);
    if (value >= low && value <= high) return at;
  }
  return null;
}

function paint(plot, spec, span, edges) {
  const { ctx } = plot;
  const toX = edges.across.map((one) => Math.round(plot.valToPos(one, "x", true)));
  const toY = edges.down.map((one) => Math.round(plot.valToPos(one, "y", true)));
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  spec.rows.forEach((row, y) =>
    row.forEach((value, x) => {
      const share = value === null ? Number.NaN : shareOf(value, span, spec.value.log);
      if (Number.isNaN(share)) return;
      ctx.fillStyle = `rgb(${colourAt(share).join(" ")})`;
      ctx.fillRect(
        Math.min(toX[x], toX[x + 1]),
        Math.min(toY[y], toY[y + 1]),
        Math.abs(toX[x + 1] - toX[x]),
        Math.abs(toY[y + 1] - toY[y]),
      );
    }),
  );
  ctx.restore();
}

// What stands beside the bar: top, middle and bottom, to a thousandth of its length.
export function barTexts([low, high], isLog) {
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2;
  const step = isLog ? 0 : 10 ** Math.floor(Math.log10((high - low || 1) / 1000));
  const rounded = (value) => (step ? Math.round(value / step) * step : value);
  return [high, middle, low].map((value) => write(rounded(value), 3));
}

function paintBar(plot, spec, span, colours) {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  const { top, height } = plot.bbox;
  const left = plot.bbox.left + plot.bbox.width + BAR.gap * ratio;
  const width = BAR.width * ratio;
  ctx.save();
  for (let at = 0; at < height; at += 1) {
    ctx.fillStyle = `rgb(${colourAt(1 - at / height).join(" ")})`;
    ctx.fillRect(left, top + at, width, 1);
  }
  ctx.strokeStyle = colours.text;
  ctx.lineWidth = ratio;
  ctx.strokeRect(left, top, width, height);
  ctx.fillStyle = colours.text;
  ctx.font = colours.font.replace("12px", `${12 * ratio}px`);
  ctx.textAlign = "left";
  barTexts(span, spec.value.log).forEach((text, at) => {
    ctx.textBaseline = ["top", "middle", "bottom"][at];
    ctx.fillText(text, left + width + 4 * ratio, top + (at * height) / 2);
  });
  if (!spec.small) {
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    ctx.translate(left + width + 68 * ratio, top + height / 2);
    ctx.rotate(-Math.PI / 2);
    ctx.fillText(axisLabel(spec.value.label, spec.value.unit), 0, 0);
  }
  ctx.restore();
}

function rangeOf(edges) {
  return [Math.min(edges[0], edges.at(-1)), Math.max(edges[0], edges.at(-1))];
}

// What ends the map that stands in an area.
const drawn = new WeakMap();

// spec: {across, down: {label, unit, values, reversed}, value: {label, unit, log}, rows:
// values by row downwards, simulated, small, readout, hint}
export function drawMap(area, spec) {
  drawn.get(area)?.abort();
  const life = new AbortController();
  const { signal } = life;
  drawn.set(area, life);
  const edges = { across: edgesOf(spec.across.values), down: edgesOf(spec.down.values) };
  const span = spanOf(spec.rows, spec.value.log);
  const { readout } = spec;
  let plot;

  const say = (self) => {
    const { left, top } = self.cursor;
    if (!readout) return;
    const x = cellAt(edges.across, self.posToVal(left, "x"));
    const y = cellAt(edges.down, self.posToVal(top, "y"));
    if (left < 0 || x === null || y === null) {
      readout.textContent = spec.hint ?? "";
      return;
    }
    const named = (part, value) => `${part.label} ${write(value)} ${part.unit}`.trim();
    readout.textContent = [
      named(spec.across, spec.across.values[x]),
      named(spec.down, spec.down.values[y]),
      named(spec.value, spec.rows[y][x]),
    ].join(" · ");
  };

  const size = () => ({ width: area.clientWidth, height: area.clientHeight });
  const build = () => {
    plot?.destroy();
    area.replaceChildren();
    const colours = theme();
    const label = (part) => (spec.small ? null : axisLabel(part.label, part.unit));
    const texts = { values: (self, splits) => tickTexts(splits) };
    plot = new uPlot(
      {
        ...size(),
        padding: [8, spec.small ? BAR.small : BAR.room + BAR.gap, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        scales: {
          x: { time: false, range: rangeOf(edges.across), dir: spec.across.reversed ? -1 : 1 },
          // Rows run downwards, as on the sample.
          y: { range: rangeOf(edges.down), dir: spec.down.reversed ? 1 : -1 },
        },
        axes: [
          axis(colours, label(spec.across), texts),
          axis(colours, label(spec.down), { ...texts, size: spec.small ? 48 : 60 }),
        ],
        series: [{}, { show: true, paths: () => null, points: { show: false } }],
        hooks: {
          drawClear: [
            (self) => {
              paint(self, spec, span, edges);
              paintBar(self, spec, span, colours);
            },
          ],
          draw: [
            (self) => {
              if (spec.simulated) drawSimulated(self, colours);
              drawBox(self, colours);
            },
          ],
          setCursor: [say],
        },
      },
      [rangeOf(edges.across), rangeOf(edges.down)],
      area,
    );
  };

  build();
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
  return plot;
}
