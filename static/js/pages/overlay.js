// Spectra of several samples in one figure, and the trend of what was fitted to each.

import {
  SYMBOLS,
  boxedAxis,
  colourBar,
  colourScale,
  drawChart,
  errorBars,
  plain,
  title,
} from "../figures/chart.js";
import { chartColourAt } from "../figures/colours.js";
import { simulatedMark, wireExport } from "../kit/export.js";
import { complain, load, theme } from "../figures/figure.js";
import { write } from "../kit/numbers.js";

const DIRECT_LABELS = 14;
const STACK_STEP = 0.6;
const MOST_TRENDS = 12;
const TREND_HEIGHT = 0.75;
const LONGEST_LINE = 24;

const box = document.querySelector("[data-overlay]");
const form = document.querySelector(".overlay-choices");
const figure = box.querySelector(".overlay-figure");
const remark = box.querySelector(".overlay-remark");
const trendList = box.querySelector(".overlay-trends");
let told;
let chart;

// A place between 0 and 1 along the variable that orders the curves.
function scaleOf(places) {
  const known = places.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  return { low, high: low + span, at: (value) => (value - low) / span };
}

function colourOf(place, scale, style) {
  if (place === null) return style.muted;
  return chartColourAt(scale.at(place), { isDark: style.isDark });
}

const placeWords = (place) =>
  place === null
    ? "not known"
    : `${write(place, 4)} ${told.by?.unit ?? ""}`.trim();

// The bar that says which colour is which value, beside curves it does not belong to.
function scaleTrace(style, scale) {
  return {
    type: "scatter",
    mode: "markers",
    x: [null],
    y: [null],
    hoverinfo: "skip",
    showlegend: false,
    marker: {
      color: [scale.low, scale.high],
      cmin: scale.low,
      cmax: scale.high,
      colorscale: colourScale(style),
      showscale: true,
      colorbar: colourBar(style, plain(title(told.by.label, told.by.unit))),
    },
  };
}

function endLabel(curve, y, text, colour, style) {
  let at = y.length - 1;
  while (at > 0 && y[at] === null) at -= 1;
  return {
    x: curve.x[at],
    y: y[at],
    xanchor: "left",
    xshift: 4,
    text: plain(text),
    showarrow: false,
    font: { color: colour, size: style.small },
  };
}

function buildCurves(style) {
  const stacked = told.view === "stacked";
  const curves = told.curves;
  const scale = scaleOf(curves.map((one) => one.place));
  const tallest = Math.max(
    ...curves.flatMap((one) => one.y.filter((value) => value !== null)),
  );
  const step = stacked ? tallest * STACK_STEP * Math.min(1, 4 / curves.length + 0.15) : 0;
  const annotations = [];
  const direct = stacked && curves.length <= DIRECT_LABELS;
  const data = curves.map((one, index) => {
    const y = one.y.map((value) => (value === null ? null : value + index * step));
    const colour = told.by ? colourOf(one.place, scale, style) : undefined;
    const words = [one.code, one.cell, one.state].filter(Boolean).join(", ");
    if (direct) {
      const place = told.by ? placeWords(one.place) : [one.code, one.cell].filter(Boolean).join(" ");
      annotations.push(endLabel(one, y, place, colour, style));
    }
    return {
      type: "scatter",
      mode: "lines",
      name: plain(words),
      x: one.x,
      y,
      line: {
        width: style.isPrint ? 0.8 : 1.3,
        color: colour,
        dash: one.group === told.groups[0] || !told.group ? "solid" : dashOf(one.group),
      },
      text: one.y.map((value) => write(value, 5)),
      hovertemplate: `<b>${plain(words)}</b> %{text}<br>%{x} ${plain(told.x.unit)}<extra>${plain(
        told.by ? placeWords(one.place) : "",
      )}</extra>`,
      showlegend: !told.by && curves.length <= DIRECT_LABELS,
    };
  });
  const showsBar = told.by && !direct && scale.low !== scale.high;
  if (showsBar) data.push(scaleTrace(style, scale));
  const layout = {
    xaxis: boxedAxis(style, plain(title(told.x.label, told.x.unit))),
    yaxis: boxedAxis(style, plain(title(told.y.label, told.y.unit)), {
      type: told.y.log && !stacked ? "log" : "linear",
      ...(stacked && { showticklabels: false, ticks: "" }),
    }),
    annotations,
    showlegend: !told.by && curves.length > 1 && curves.length <= DIRECT_LABELS,
    margin: { l: 8, r: direct ? 76 : 12, t: 12, b: 8 },
  };
  if (curves.some((one) => one.simulated)) {
    Object.assign(layout, simulatedMark(style, annotations));
  }
  return { data, layout };
}

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const dashOf = (group) => DASHES[Math.max(told.groups.indexOf(group), 0) % DASHES.length];

function buildMap(style) {
  const { x, places, rows } = told.map;
  const annotations = [];
  const layout = {
    xaxis: boxedAxis(style, plain(title(told.x.label, told.x.unit))),
    yaxis: boxedAxis(style, plain(title(told.by.label, told.by.unit))),
    annotations,
  };
  if (told.curves.some((one) => one.simulated)) {
    // Hatching would hide a map: the word alone stands on it, on a ground of its own.
    simulatedMark(style, annotations);
    annotations.at(-1).bgcolor = style.surface;
  }
  return {
    data: [
      {
        type: "heatmap",
        x,
        y: places,
        z: rows,
        colorscale: colourScale(style, { whole: true }),
        colorbar: colourBar(style, plain(title(told.y.label, told.y.unit))),
        hovertemplate: `%{x} ${plain(told.x.unit)}, %{y} ${plain(told.by.unit)}<br>%{z}<extra></extra>`,
      },
    ],
    layout,
  };
}

// A small figure is less high than its quantity's name is long.
function inTwoLines(text) {
  if (text.length <= LONGEST_LINE) return text;
  const middle = text.indexOf(" ", Math.floor(text.length / 2) - 4);
  return middle < 0 ? text : `${text.slice(0, middle)}<br>${text.slice(middle + 1)}`;
}

function trendBuild(trend) {
  return (style) => {
    const groups = told.group ? told.groups : [null];
    const data = groups.map((group, index) => {
      const points = trend.points.filter((one) => !told.group || one.group === group);
      const colour = style.categories[index % style.categories.length];
      const symbol = SYMBOLS[index % SYMBOLS.length];
      return {
        type: "scatter",
        mode: "markers",
        name: told.group ? plain(groupWords(group)) : "",
        x: points.map((one) => one.x),
        y: points.map((one) => one.y),
        error_y: errorBars(
          style,
          points.map((one) => one.dy),
          colour,
        ),
        marker: {
          symbol: points.map((one) =>
            one.origin === "simulated" ? `${symbol}-open` : symbol,
          ),
          color: colour,
          size: style.isPrint ? 5 : 8,
          line: { width: 1.2, color: colour },
        },
        customdata: points.map((one) => one.code),
        text: points.map(
          (one) =>
            `${one.bound === "=" ? "" : `${one.bound} `}${write(one.y, 5)}` +
            `${one.dy ? ` ± ${write(one.dy, 2)}` : ""} ${plain(trend.unit)}`,
        ),
        hovertemplate: `<b>%{customdata}</b><br>%{text}<extra></extra>`,
      };
    });
    const annotations = [];
    const layout = {
      height: style.width * TREND_HEIGHT,
      xaxis: boxedAxis(style, plain(title(told.by.label, told.by.unit))),
      yaxis: boxedAxis(style, inTwoLines(plain(title(trend.title, trend.unit)))),
      // On the page one legend above serves them all.
      showlegend: style.isPrint && groups.length > 1,
      margin: { l: 8, r: 12, t: 24, b: 8 },
      annotations,
    };
    if (trend.points.some((one) => one.origin === "simulated")) {
      annotations.push({
        ...simulatedMark(style).annotations[0],
        text: "open: simulated",
        // Above the box, where it covers no point.
        yanchor: "bottom",
        yshift: 2,
      });
    }
    return { data, layout };
  };
}

async function drawTrends() {
  trendList.replaceChildren();
  if (!told.by || !told.trends.length) {
    const words = document.createElement("p");
    words.className = "empty";
    words.textContent = told.by
      ? "Nothing has been fitted to these measurements yet."
      : "These samples differ in no known number, so there is no trend to draw.";
    trendList.append(words);
    return;
  }
  if (told.group) trendList.append(trendLegend());
  for (const trend of told.trends.slice(0, MOST_TRENDS)) {
    const item = document.createElement("figure");
    const area = document.createElement("div");
    area.className = "overlay-trend";
    area.tabIndex = 0;
    area.setAttribute("role", "img");
    area.setAttribute("aria-label", `${trend.title} against ${told.by.label}`);
    item.append(area, trendActs(trend));
    trendList.append(item);
    await drawChart(area, trendBuild(trend));
  }
}

const groupWords = (group) =>
  group === null ? "not known" : `${write(group, 4)} ${told.group.unit}`.trim();

// The shapes of SYMBOLS as letters.
const LETTERS = ["○", "□", "△", "◇", "▽", "⬡", "⬠", "☆", "✚", "✕"];

function trendLegend() {
  const list = document.createElement("ul");
  list.className = "legend overlay-legend";
  const head = document.createElement("li");
  head.textContent = `${told.group.label}:`;
  list.append(head);
  const { categories } = theme();
  told.groups.forEach((group, index) => {
    const item = document.createElement("li");
    const letter = document.createElement("span");
    letter.textContent = LETTERS[index % LETTERS.length];
    letter.style.color = categories[index % categories.length];
    letter.setAttribute("aria-hidden", "true");
    item.append(letter, ` ${groupWords(group)}`);
    list.append(item);
  });
  return list;
}

function trendActs(trend) {
  const acts = document.createElement("figcaption");
  acts.className = "small";
  const link = document.createElement("a");
  const asked = { x: told.by.key, y: trend.quantity };
  if (trend.label) asked.y += `[${trend.label}]`;
  if (told.group) asked.color = told.group.key;
  link.href = `${box.dataset.explore}?${new URLSearchParams(asked)}`;
  link.textContent = "Explore";
  acts.append(link, ...exportButtons());
  wireExport(acts, () => ({ build: trendBuild(trend) }), trend.title);
  return acts;
}

function exportButtons() {
  return [
    ["svg", 85],
    ["png", 180],
  ].map(([format, width]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.dataset.format = format;
    button.dataset.width = width;
    button.textContent = `${format.toUpperCase()} ${width} mm`;
    return button;
  });
}

function say() {
  const parts = [];
  if (told.view === "map") {
    if (told.map.averaged) {
      parts.push(`${told.map.averaged} curves share their row with another: its mean is shown`);
    }
    if (told.map.left_out) {
      parts.push(`${told.map.left_out} have no value to be ordered by and are left out`);
    }
  } else if (told.group) {
    parts.push(
      `Dashes tell ${told.group.label} apart: ` +
        told.groups
          .map((group) => `${groupWords(group)} ${dashOf(group)}`)
          .join(", "),
    );
  }
  parts.push("Drag to zoom, double-click for all of it");
  remark.textContent = `${parts.join(". ")}.`;
}

const build = (style) => (told.view === "map" ? buildMap(style) : buildCurves(style));

async function draw() {
  told = await load(box.dataset.overlay);
  told.groups = [...new Set(told.curves.map((one) => one.group))].sort((a, b) => a - b);
  const isMap = told.view === "map";
  if (!told.curves.length || (isMap && !told.by)) {
    const words = told.curves.length
      ? "A map needs a number that differs between the samples."
      : "These samples have no curve of this technique that could be read.";
    figure.replaceChildren(words);
    remark.textContent = "";
    return;
  }
  if (chart) await chart.redraw(build);
  else chart = await drawChart(figure, build);
  say();
  await drawTrends();
}

// Choices change the address, so that it can be sent to somebody, and the figure.
form.addEventListener("change", () => {
  const query = new URLSearchParams(new FormData(form));
  history.replaceState(null, "", `?${query}`);
  const [path] = box.dataset.overlay.split("?");
  box.dataset.overlay = `${path}?${query}`;
  box.querySelector("[data-download]").href = `${box.dataset.overlay}&format=csv`;
  draw().catch((error) => complain(figure, error));
});

const downloads = box.querySelector(".overlay-downloads");
downloads.append(...exportButtons());
wireExport(
  downloads,
  () => chart?.spec,
  () => document.querySelector("h1").textContent,
);
draw().catch((error) => complain(figure, error));
