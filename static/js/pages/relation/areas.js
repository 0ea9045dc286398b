// Heat map and histogram: how often, and what on average.

import { colourBar, colourScale, growForLegend, legendAbove, plain } from "../../figures/chart.js";
import { write } from "../../kit/numbers.js";
import { axesOf, columnsFor, layOut } from "./panels.js";
import {
  axisTitle,
  binsOf,
  colourOf,
  groupsOf,
  panelsOf,
  placesOf,
  tickTexts,
} from "./groups.js";

const MOST_TEXTS = 260;
const HATCHES = 7;
const FEW_VALUES = 24;

// The mean of the colour in each cell of x and y; without a colour, how many there are.
export function heatmap(answer, state) {
  const { axes, points } = answer;
  const { panels } = panelsOf(points, axes);
  const sides = { x: sideOf(points.x, axes.x, state.log.x), y: sideOf(points.y, axes.y, state.log.y) };
  const isMean = axes.color?.kind === "number";
  const grids = panels.map((panel) => gridOf(panel.rows, points, sides, isMean));
  const values = grids.flatMap((grid) => grid.cells.flat().map((cell) => cell?.value ?? null));
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const most = Math.max(...grids.flatMap((grid) => grid.cells.flat().map((cell) => cell?.rows.length ?? 0)));
  const step = (high - low) / 100 || Math.abs(high) / 100;
  const word = isMean ? `${most > 1 ? "Mean of " : ""}${axisTitle(axes.color)}` : "Number of values";
  return (style) => {
    const layout = layOut(
      panels,
      style,
      { title: axisTitle(axes.x), more: sides.x.more(style) },
      { title: axisTitle(axes.y), more: sides.y.more(style) },
    );
    layout.coloraxis = {
      colorscale: colourScale(style, { whole: true }),
      cmin: low,
      cmax: low === high ? low + 1 : high,
      colorbar: colourBar(style, word),
    };
    const texts = grids.map((grid) =>
      grid.cells.map((line) => line.map((cell) => cellText(cell, isMean, most, step))),
    );
    const hasTexts = known.length <= MOST_TEXTS && hasRoom(texts, sides, panels.length, style);
    const data = grids.map((grid, index) => ({
      type: "heatmap",
      ...axesOf(index),
      x: sides.x.edges,
      y: sides.y.edges,
      z: grid.cells.map((line) => line.map((cell) => cell?.value ?? null)),
      customdata: grid.cells.map((line) => line.map((cell) => cell?.rows ?? [])),
      text: texts[index],
      hovertext: grid.cells.map((line, v) =>
        line.map((cell, h) => cell && hover(cell, sides, h, v, axes, isMean)),
      ),
      hovertemplate: "%{hovertext}<extra></extra>",
      hoverongaps: false,
      texttemplate: hasTexts ? "%{text}" : "",
      textfont: { size: style.small, family: style.family },
      coloraxis: "coloraxis",
      xgap: 1,
      ygap: 1,
    }));
    grids.forEach((grid, index) => hatch(layout, grid, sides, index));
    tellSimulated(layout, points, style);
    return { data, layout };
  };
}

function sideOf(values, axis, isLog) {
  if (axis.kind !== "number") {
    const told = placesOf(values, axis);
    const count = told.count;
    return {
      index: (row) => told.values[row] ?? -1,
      cells: count,
      slot: (at) => at,
      edges: Array.from({ length: count + 1 }, (none, at) => at - 0.5),
      name: (at) => told.ticks.ticktext[at] ?? "",
      span: (at) => [at - 0.5, at + 0.5],
      more: () => ({ ...told.ticks, range: [-0.5, count - 0.5], ticks: "" }),
    };
  }
  const bins = binsOf(values, { isLog, few: isLog ? 0 : FEW_VALUES });
  return bins.isExact ? slots(values, bins) : ranges(values, bins, isLog);
}

// Few values have a cell each, all alike, whatever lies between them.
function slots(values, bins) {
  const names = bins.centres.map((value) => write(value, 5));
  return {
    index: (row) => bins.index(values[row]),
    cells: names.length,
    edges: Array.from({ length: names.length + 1 }, (none, at) => at - 0.5),
    name: (at) => names[at],
    span: (at) => [at - 0.5, at + 0.5],
    more: () => ({ ...tickTexts(names), range: [-0.5, names.length - 0.5] }),
  };
}

function ranges(values, bins, isLog) {
  const { edges } = bins;
  const to = isLog ? Math.log10 : (value) => value;
  return {
    index: (row) => bins.index(values[row]),
    cells: edges.length - 1,
    edges,
    name: (at) => `${write(edges[at], 3)} to ${write(edges[at + 1], 3)}`,
    span: (at) => [edges[at], edges[at + 1]],
    more: () => ({ ...(isLog && { type: "log" }), range: [to(edges[0]), to(edges.at(-1))] }),
  };
}

function gridOf(rows, points, sides, isMean) {
  const cells = Array.from({ length: sides.y.cells }, () => new Array(sides.x.cells).fill(null));
  for (const row of rows) {
    const [h, v] = [sides.x.index(row), sides.y.index(row)];
    if (h < 0 || v < 0 || (isMean && points.color[row] === null)) continue;
    cells[v][h] ??= { rows: [], sum: 0, isSimulated: false };
    const cell = cells[v][h];
    cell.rows.push(row);
    cell.sum += isMean ? points.color[row] : 1;
    cell.isSimulated ||= points.simulated[row] > 0;
  }
  for (const cell of cells.flat()) {
    if (cell) cell.value = isMean ? cell.sum / cell.rows.length : cell.rows.length;
  }
  return { cells };
}

// As many decimals as tell one cell from another.
function cellText(cell, isMean, most, step) {
  if (!cell) return "";
  if (!isMean) return String(cell.rows.length);
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step || 1))));
  const isLong = Math.abs(cell.value) >= 1e5 || decimals > 5;
  const value = isLong
    ? write(cell.value, 3)
    : cell.value.toFixed(decimals).replace("-", "−");
  return most > 1 && cell.rows.length > 1 ? `${value}<br>n = ${cell.rows.length}` : value;
}

function hover(cell, sides, h, v, axes, isMean) {
  const part = (axis, text) => `${plain(axis.label)}: ${text} ${plain(axis.unit)}`.trim();
  const lines = [part(axes.x, sides.x.name(h)), part(axes.y, sides.y.name(v))];
  if (isMean) lines.unshift(`<b>${part(axes.color, write(cell.value, 5))}</b>`);
  lines.push(`n = ${cell.rows.length}${cell.isSimulated ? ", simulated among them" : ""}`);
  return lines.join("<br>");
}

// Numbers stand in the cells only where the longest fits.
function hasRoom(texts, sides, panels, style) {
  const columns = columnsFor(panels, style.width, style.isPrint);
  const cell = ((style.width / columns) * 0.78) / sides.x.cells;
  const lines = texts.flat(2).flatMap((text) => text.split("<br>"));
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  return cell > longest * style.small * 0.58 + 4;
}

// Hatching over cells with simulated values among them, thin enough to see the colour.
function hatch(layout, grid, sides, index) {
  const { xaxis, yaxis } = axesOf(index);
  grid.cells.forEach((line, v) =>
    line.forEach((cell, h) => {
      if (!cell?.isSimulated) return;
      const [x0, x1] = sides.x.span(h);
      const [y0, y1] = sides.y.span(v);
      layout.shapes.push({
        type: "path",
        xref: xaxis,
        yref: yaxis,
        path: hatchPath(x0, x1, y0, y1),
        line: { color: "rgba(255,255,255,0.28)", width: 0.75 },
        layer: "above",
      });
    }),
  );
}

function hatchPath(x0, x1, y0, y1) {
  const at = (u, v) => `${x0 + u * (x1 - x0)},${y0 + v * (y1 - y0)}`;
  const lines = [];
  for (let line = 1; line < HATCHES; line += 1) {
    const c = -1 + (2 * line) / HATCHES;
    lines.push(`M${at(Math.max(0, -c), Math.max(0, c))}L${at(Math.min(1, 1 - c), Math.min(1, 1 + c))}`);
  }
  return lines.join("");
}

function tellSimulated(layout, points, style) {
  const count = points.simulated?.filter((value) => value > 0).length ?? 0;
  if (!count) return;
  layout.annotations.push({
    xref: "paper",
    yref: "paper",
    x: 0,
    y: 1,
    xanchor: "left",
    yanchor: "bottom",
    yshift: layout.annotations.length ? 16 : 2,
    showarrow: false,
    text: count < points.x.length ? "hatched: simulated values among them" : "hatched: simulated data",
    font: { size: style.small, color: style.text },
  });
  layout.margin = { l: 8, r: 12, t: layout.annotations.length > 1 ? 40 : 24, b: 8 };
}

// How the values of y are spread.
export function histogram(answer, state) {
  const { axes, points } = answer;
  const { panels } = panelsOf(points, axes);
  const told = groupsOf(points, axes);
  const groups = told.scale ? [{ ...told.groups[0], isScale: false }] : told.groups;
  const side = binsFor(points.y, axes.y, state.log.x);
  return (style) => {
    const layout = layOut(
      panels,
      style,
      { title: axisTitle(axes.y), more: side.more },
      { title: "Number of values", more: state.log.y ? { type: "log" } : { rangemode: "tozero" } },
    );
    layout.barmode = "stack";
    layout.bargap = 0;
    const data = [];
    panels.forEach((panel, index) => {
      const inside = new Set(panel.rows);
      groups.forEach((group) => {
        const rows = group.rows.filter((row) => inside.has(row));
        for (const isHollow of [false, true]) {
          const own = rows.filter((row) => points.simulated[row] > 0 === isHollow);
          if (!own.length) continue;
          data.push(barsOf(own, isHollow, group, side, points, style, index, groups.length));
        }
      });
    });
    const hasSimulated = points.simulated.some((value) => value > 0);
    layout.showlegend = groups.length > 1 || hasSimulated;
    layout.legend = legendAbove(style, {
      title: groups.length > 1 ? axisTitle(axes.color) : "",
      height: layout.height,
      above: axes.facet ? 22 : 4,
    });
    growForLegend(style, data, layout);
    return { data, layout };
  };
}

function binsFor(values, axis, isLog) {
  if (axis.kind !== "number") {
    const told = placesOf(values, axis);
    return {
      count: told.count,
      index: (row) => told.values[row] ?? -1,
      centre: (at) => at,
      width: () => 0.8,
      name: (at) => told.ticks.ticktext[at] ?? "",
      more: told.ticks,
    };
  }
  const known = values.filter((value) => value !== null && (!isLog || value > 0));
  const steps = Math.max(6, Math.min(60, Math.ceil(Math.sqrt(known.length) * 1.5)));
  const edges = isLog ? binsOf(known, { isLog, few: 0, steps }).edges : roundEdges(known, steps);
  return {
    count: edges.length - 1,
    index: (row) => indexAmong(edges, values[row]),
    centre: (at) => (edges[at] + edges[at + 1]) / 2,
    width: (at) => edges[at + 1] - edges[at],
    name: (at) => `${write(edges[at], 4)} to ${write(edges[at + 1], 4)} ${axis.unit}`.trim(),
    more: isLog ? { type: "log" } : edgeTicks(edges),
  };
}

// Bins begin and end at round numbers, so that nobody has to read 676.92 to 678.58.
function roundEdges(values, steps) {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const rough = (high - low || Math.abs(high) || 1) / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((times) => times * power >= rough) * power;
  const first = Math.floor(low / step);
  const count = Math.max(1, Math.floor(high / step) - first + 1);
  return Array.from({ length: count + 1 }, (none, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}

function indexAmong(edges, value) {
  if (value === null || value < edges[0] || value > edges.at(-1)) return -1;
  let [low, high] = [0, edges.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value >= edges[middle]) low = middle;
    else high = middle;
  }
  return low;
}

function edgeTicks(edges) {
  const every = Math.ceil(edges.length / 10);
  const shown = edges.filter((edge, at) => at % every === 0);
  const room = (edges.at(-1) - edges[0]) * 0.02;
  return {
    tickmode: "array",
    tickvals: shown,
    ticktext: shown.map((edge) => write(edge, 6)),
    range: [edges[0] - room, edges.at(-1) + room],
  };
}

function barsOf(rows, isHollow, group, side, points, style, index, groups) {
  const members = Array.from({ length: side.count }, () => []);
  for (const row of rows) {
    const at = side.index(row);
    if (at >= 0) members[at].push(row);
  }
  const there = members.map((own, at) => at).filter((at) => members[at].length);
  const colour = colourOf(group, style);
  const origin = isHollow ? "simulated" : "";
  const name = [group.name, origin].filter(Boolean).join(", ") || "other origins";
  return {
    type: "bar",
    ...axesOf(index),
    x: there.map((at) => side.centre(at)),
    width: there.map((at) => side.width(at)),
    y: there.map((at) => members[at].length),
    customdata: there.map((at) => members[at]),
    hovertext: there.map((at) => `${side.name(at)}<br>${members[at].length} values${groups > 1 ? `<br>${plain(group.name)}` : ""}`),
    hovertemplate: "%{hovertext}<extra></extra>",
    name: plain(name),
    showlegend: !index,
    marker: {
      color: isHollow ? style.surface : colour,
      line: { color: colour, width: 1 },
      ...(isHollow && { pattern: { shape: "/", fgcolor: colour, bgcolor: style.surface, size: 7, solidity: 0.15 } }),
    },
  };
}
