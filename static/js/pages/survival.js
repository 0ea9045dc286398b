// Survival curves: the share of cells alive, with its band, one line a group.

import { boxedAxis, drawChart, growForLegend, legendAbove, plain, title } from "../figures/chart.js";
import { simulatedMark, wireExport } from "../kit/export.js";
import { complain, load } from "../figures/figure.js";
import { write } from "../kit/numbers.js";

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const BAND = 0.15;

const box = document.querySelector("[data-survival]");
let told;
let chart;

// Corners of a stepped line: between two looks it slopes, since the death lies somewhere
// in between.
function corners(steps, values, longest, first = 1) {
  const x = [0];
  const y = [first];
  let last = first;
  steps.time.forEach((time, index) => {
    x.push(steps.start[index], time);
    y.push(last, values[index]);
    last = values[index];
  });
  x.push(longest);
  y.push(last);
  return { x, y };
}

function heightAt(group, time) {
  let height = 1;
  group.steps.time.forEach((at, index) => {
    if (at <= time) height = group.steps.survival[index];
  });
  return height;
}

function transparent(colour, share) {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${r},${g},${b},${share})`;
}

function traces(group, index, style) {
  const colour = style.categories[index % style.categories.length];
  const { steps, longest } = group;
  const high = corners(steps, steps.high, longest);
  const low = corners(steps, steps.low, longest);
  const line = corners(steps, steps.survival, longest);
  const name = plain(group.group);
  const lived = group.censored_at;
  return [
    {
      type: "scatter",
      mode: "lines",
      x: [...high.x, ...low.x.toReversed()],
      y: [...high.y, ...low.y.toReversed()],
      fill: "toself",
      fillcolor: transparent(colour, BAND),
      line: { width: 0 },
      hoverinfo: "skip",
      showlegend: false,
    },
    {
      type: "scatter",
      mode: "lines",
      name: `${name} (${group.count})`,
      ...line,
      line: {
        color: colour,
        width: style.isPrint ? 1.2 : 2,
        dash: DASHES[index % DASHES.length],
      },
      text: line.y.map((value) => write(value, 3)),
      hovertemplate: `<b>${name}</b><br>%{text} alive at %{x} ${plain(told.y.unit ?? "")}<extra></extra>`,
    },
    {
      type: "scatter",
      mode: "markers",
      x: lived,
      y: lived.map((time) => heightAt(group, time)),
      marker: {
        symbol: "cross-thin",
        size: style.marker,
        line: { width: style.isPrint ? 0.8 : 1.5, color: colour },
      },
      hovertemplate: `<b>${name}</b><br>alive at the end of its test, %{x} ${plain(told.y.unit ?? "")}<extra></extra>`,
      showlegend: false,
    },
  ];
}

function build(style) {
  const data = told.groups.flatMap((group, index) => traces(group, index, style));
  const annotations = [];
  const showlegend = told.groups.length > 1;
  const layout = {
    xaxis: boxedAxis(style, plain(title(told.y.label, told.y.unit)), {
      rangemode: "tozero",
    }),
    yaxis: boxedAxis(style, "Share alive", { range: [0, 1.04] }),
    annotations,
    showlegend,
    legend: legendAbove(style, { title: plain(told.by?.label ?? "") }),
    margin: { l: 8, r: 12, t: showlegend ? 34 : 12, b: 8 },
    ...(style.isPrint && { height: style.width * 0.75 }),
  };
  const cells = told.groups.flatMap((group) => group.cells);
  if (cells.some((cell) => cell.origin === "simulated")) {
    Object.assign(layout, simulatedMark(style, annotations));
  }
  growForLegend(style, data, layout);
  return { data, layout };
}

async function draw() {
  told = await load(box.dataset.survival);
  chart = await drawChart(box, build);
}

const bar = document.querySelector("[data-export]");
bar.hidden = false;
wireExport(
  bar,
  () => chart?.spec,
  () => document.querySelector("h1").textContent,
);
draw().catch((error) => complain(box, error));
