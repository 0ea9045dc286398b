// A relation as scatter: error bars, marker and colour a group, simulated points hollow.

/* global uPlot */

import { axis, axisLabel, drawBox, onThemeChange, theme, write } from "./figure.js";
import { cssColourAt } from "./colours.js";

const SIZE = 4.5;
const NEAR = 24;
const MOST_GROUPS = 14;

const MARKERS = [
  (ctx, x, y, r) => ctx.arc(x, y, r, 0, 2 * Math.PI),
  (ctx, x, y, r) => ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  (ctx, x, y, r) => polygon(ctx, x, y, r * 1.25, 3, -Math.PI / 2),
  (ctx, x, y, r) => polygon(ctx, x, y, r * 1.25, 4, 0),
  (ctx, x, y, r) => polygon(ctx, x, y, r * 1.25, 3, Math.PI / 2),
  (ctx, x, y, r) => polygon(ctx, x, y, r * 1.1, 6, 0),
  (ctx, x, y, r) => polygon(ctx, x, y, r * 1.15, 5, -Math.PI / 2),
];

function polygon(ctx, x, y, r, corners, turn) {
  for (let corner = 0; corner <= corners; corner += 1) {
    const angle = turn + (corner * 2 * Math.PI) / corners;
    const place = [x + r * Math.cos(angle), y + r * Math.sin(angle)];
    if (corner) ctx.lineTo(...place);
    else ctx.moveTo(...place);
  }
}

// Texts on an axis become places 0, 1, 2 … in the order of the alphabet.
function places(points, name, spec) {
  if (spec.kind === "number") return null;
  const texts = [...new Set(points.map((point) => point[name]))].sort();
  points.forEach((point) => (point[name] = texts.indexOf(point[name])));
  return texts;
}

function range(points, name, error) {
  let low = Infinity;
  let high = -Infinity;
  for (const point of points) {
    const spread = point[error] ?? 0;
    low = Math.min(low, point[name] - spread);
    high = Math.max(high, point[name] + spread);
  }
  const room = 0.05 * (high - low || Math.abs(high) || 1);
  return [low - room, high + room];
}

function groupsOf(points, spec, colours) {
  if (!spec) return { style: () => ({ colour: colours.categories[0], marker: 0 }) };
  const known = points.map((point) => point.color).filter((value) => value !== null);
  const distinct = [...new Set(known)];
  const isNumber = spec.kind === "number";
  distinct.sort((a, b) => (isNumber ? a - b : a < b ? -1 : 1));
  const missing = { colour: colours.muted, marker: 0 };
  if (isNumber && distinct.length > 6) {
    const low = distinct[0];
    const span = distinct.at(-1) - low || 1;
    return {
      scale: [low, distinct.at(-1)],
      style: (value) =>
        value === null
          ? missing
          : { colour: cssColourAt((value - low) / span), marker: 0 },
    };
  }
  const styleAt = (at) => ({
    colour: isNumber
      ? cssColourAt(distinct.length > 1 ? at / (distinct.length - 1) : 0.5)
      : colours.categories[at % colours.categories.length],
    marker: at % MARKERS.length,
  });
  return {
    list: distinct.map((value, at) => ({ value, ...styleAt(at) })),
    style: (value) => (value === null ? missing : styleAt(distinct.indexOf(value))),
  };
}

function drawMarker(ctx, x, y, r, style, point, colours) {
  ctx.beginPath();
  MARKERS[style.marker](ctx, x, y, r);
  ctx.closePath();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.strokeStyle = style.colour;
  ctx.fillStyle = point.origin === "simulated" ? colours.surface : style.colour;
  ctx.fill();
  ctx.stroke();
  if (point.origin !== "simulated") return;
  // Hatching inside the marker: hollow alone could mean anything.
  ctx.save();
  ctx.clip();
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let shift = -2 * r; shift <= 2 * r; shift += 3 * devicePixelRatio) {
    ctx.moveTo(x + shift - r, y + r);
    ctx.lineTo(x + shift + r, y - r);
  }
  ctx.stroke();
  ctx.restore();
}

function drawErrorBar(ctx, plot, point, style) {
  const at = (value, scale) => plot.valToPos(value, scale, true);
  const cap = 3 * devicePixelRatio;
  ctx.strokeStyle = style.colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  const x = at(point.x, "x");
  const y = at(point.y, "y");
  if (point.dy) {
    const [high, low] = [at(point.y + point.dy, "y"), at(point.y - point.dy, "y")];
    ctx.moveTo(x, low);
    ctx.lineTo(x, high);
    for (const end of [low, high]) {
      ctx.moveTo(x - cap, end);
      ctx.lineTo(x + cap, end);
    }
  }
  if (point.dx) {
    const [low, high] = [at(point.x - point.dx, "x"), at(point.x + point.dx, "x")];
    ctx.moveTo(low, y);
    ctx.lineTo(high, y);
  }
  if (point.bound === ">" || point.bound === "<") {
    const way = point.bound === ">" ? -1 : 1;
    const tip = y + way * 16 * devicePixelRatio;
    ctx.moveTo(x, y);
    ctx.lineTo(x, tip);
    ctx.moveTo(x - cap, tip - way * cap);
    ctx.lineTo(x, tip);
    ctx.lineTo(x + cap, tip - way * cap);
  }
  ctx.stroke();
}

function drawLegend(list, groups, spec, simulated, colours) {
  const items = [];
  const entry = (style, text, origin = "computed") => {
    const canvas = document.createElement("canvas");
    canvas.width = 48;
    canvas.height = 28;
    canvas.setAttribute("aria-hidden", "true");
    drawMarker(canvas.getContext("2d"), 24, 14, 9, style, { origin }, colours);
    const item = document.createElement("li");
    item.append(canvas, text);
    items.push(item);
  };
  if (spec) {
    const title = document.createElement("li");
    title.textContent = `${axisLabel(spec.label, spec.unit)}:`;
    items.push(title);
  }
  if (groups.scale) {
    const bar = document.createElement("canvas");
    bar.width = 120;
    bar.height = 12;
    bar.className = "scale";
    const ctx = bar.getContext("2d");
    for (let x = 0; x < 120; x += 1) {
      ctx.fillStyle = cssColourAt(x / 119);
      ctx.fillRect(x, 0, 1, 12);
    }
    const item = document.createElement("li");
    item.append(write(groups.scale[0], 4), bar, write(groups.scale[1], 4));
    items.push(item);
  }
  for (const group of (groups.list ?? []).slice(0, MOST_GROUPS)) {
    entry(group, spec.kind === "number" ? write(group.value, 5) : group.value);
  }
  if ((groups.list?.length ?? 0) > MOST_GROUPS) {
    const item = document.createElement("li");
    item.textContent = `and ${groups.list.length - MOST_GROUPS} more`;
    items.push(item);
  }
  if (simulated.words) {
    const plain = { colour: colours.text, marker: 0 };
    entry(plain, simulated.words, "simulated");
    if (simulated.hasOthers) entry(plain, "other origins");
  }
  list.replaceChildren(...items);
}

function say(point, spec, texts) {
  const number = (value, error, name) => {
    if (texts[name]) return texts[name][value];
    const unit = spec[name].unit ?? "";
    const spread = error ? ` ± ${write(error, 2)}` : "";
    return `${write(value)}${spread} ${unit}`.trim();
  };
  const parts = [
    point.name + (point.state && point.state !== "as made" ? ` (${point.state})` : ""),
    `${spec.x.label} ${number(point.x, point.dx, "x")}`,
    `${spec.y.label} ${point.bound === "=" ? "" : `${point.bound} `}${number(point.y, point.dy, "y")}`,
  ];
  if (spec.color && point.color !== null) {
    const value = spec.color.kind === "number" ? write(point.color) : point.color;
    parts.push(`${spec.color.label} ${value} ${spec.color.unit ?? ""}`.trim());
  }
  if (point.origin && point.origin !== "computed") parts.push(point.origin);
  return parts.join(" · ");
}

function drawRelation(box) {
  const spec = JSON.parse(document.getElementById(box.dataset.relation).textContent);
  const area = box.querySelector(".area");
  const readout = box.querySelector(".readout");
  const { points } = spec;
  const texts = { x: places(points, "x", spec.x), y: places(points, "y", spec.y) };
  points.sort((a, b) => a.x - b.x);
  const isSimulated = (point) => point.origin === "simulated";
  const simulated = {
    words: points.some(isSimulated) ? spec.simulated : "",
    hasOthers: !points.every(isSimulated),
  };
  const isAlone = points[0].x === points.at(-1).x;
  const hint =
    "Hover or use the arrow keys to read a point" +
    (points[0].address ? ", click to open its sample." : ".");
  let chosen = null;
  let plot;

  const named = (name) => (self, splits) =>
    splits.map((value) => texts[name][value] ?? "");
  const whole = (self, index, low, high) => {
    const splits = [];
    for (let at = Math.ceil(low); at <= high; at += 1) splits.push(at);
    return splits;
  };

  const build = () => {
    plot?.destroy();
    const colours = theme();
    const groups = groupsOf(points, spec.color, colours);
    const axes = ["x", "y"].map((name) => {
      const options = axis(colours, axisLabel(spec[name].label, spec[name].unit), {
        values: texts[name] ? named(name) : undefined,
        ...(name === "y" && { size: texts.y ? 120 : 60 }),
      });
      if (texts[name]) options.splits = whole;
      return options;
    });
    plot = new uPlot(
      {
        width: area.clientWidth,
        height: area.clientHeight,
        padding: [10, 14, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: true, y: true }, points: { show: false } },
        scales: {
          x: {
            time: false,
            // Narrower than the data is what somebody zoomed to.
            range: (self, low, high) =>
              isAlone || (low <= points[0].x && high >= points.at(-1).x)
                ? range(points, "x", "dx")
                : [low, high],
          },
          y: { range: () => range(points, "y", "dy") },
        },
        axes,
        series: [{}, { paths: () => null, points: { show: false } }],
        hooks: {
          draw: [
            (self) => {
              const { ctx, bbox } = self;
              ctx.save();
              ctx.beginPath();
              ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
              ctx.clip();
              for (const point of points) {
                drawErrorBar(ctx, self, point, groups.style(point.color));
              }
              points.forEach((point, index) => {
                const grown = index === chosen ? 1.6 : 1;
                drawMarker(
                  ctx,
                  self.valToPos(point.x, "x", true),
                  self.valToPos(point.y, "y", true),
                  SIZE * grown * devicePixelRatio,
                  groups.style(point.color),
                  point,
                  colours,
                );
              });
              ctx.restore();
              drawBox(self, colours);
            },
          ],
          setCursor: [(self) => choose(nearest(self))],
        },
      },
      [points.map((point) => point.x), points.map((point) => point.y)],
      area,
    );
    drawLegend(box.querySelector(".legend"), groups, spec.color, simulated, colours);
  };

  const nearest = (self) => {
    const { left, top } = self.cursor;
    if (left === undefined || left < 0) return null;
    let best = null;
    let least = NEAR;
    points.forEach((point, index) => {
      const distance = Math.hypot(
        self.valToPos(point.x, "x") - left,
        self.valToPos(point.y, "y") - top,
      );
      if (distance < least) [best, least] = [index, distance];
    });
    return best;
  };

  const choose = (index) => {
    if (index === chosen) return;
    chosen = index;
    readout.textContent = index === null ? hint : say(points[index], spec, texts);
    area.classList.toggle("pointing", index !== null);
    plot.redraw(false);
  };

  build();
  readout.textContent = hint;
  onThemeChange(build);
  new ResizeObserver(() => {
    if (area.clientWidth && area.clientWidth !== plot.width) {
      plot.setSize({ width: area.clientWidth, height: area.clientHeight });
    }
  }).observe(area);
  area.addEventListener("click", () => {
    if (chosen !== null && points[chosen].address) {
      location.href = points[chosen].address;
    }
  });
  area.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const last = points.length - 1;
      choose(Math.max(0, Math.min(last, (chosen ?? (step > 0 ? -1 : last + 1)) + step)));
    } else if (event.key === "Enter" && chosen !== null && points[chosen].address) {
      location.href = points[chosen].address;
    }
  });
}

document.querySelectorAll("[data-relation]").forEach(drawRelation);
