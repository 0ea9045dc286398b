// Scatter and box: every value a marker, simulated ones hollow, limits with an arrow.

import { errorBars, growForLegend, legendAbove, plain } from "../../figures/chart.js";
import { axesOf, layOut } from "./panels.js";
import {
  axisTitle,
  binsOf,
  colourOf,
  groupsOf,
  panelsOf,
  placesOf,
  scaleOf,
  symbolOf,
  tickTexts,
} from "./groups.js";
import { write } from "../../kit/numbers.js";

export const MOST_ERROR_BARS = 3000;
export const MOST_ARROWS = 500;
const FEW_VALUES = 12;
const MANY = 800;
const ARROW = 16;

export function scatter(answer, state) {
  const { axes, points } = answer;
  const x = placesOf(points.x, axes.x);
  const y = placesOf(points.y, axes.y);
  const { panels } = panelsOf(points, axes);
  const told = groupsOf(points, axes);
  const hasBars = points.x.length <= MOST_ERROR_BARS;
  return (style) => {
    const layout = layOut(
      panels,
      style,
      { title: axisTitle(axes.x), more: axisOptions(x, state, "x") },
      { title: axisTitle(axes.y), more: axisOptions(y, state, "y") },
    );
    const data = [];
    panels.forEach((panel, index) => {
      const inside = new Set(panel.rows);
      for (const group of told.groups) {
        const rows = group.rows.filter((row) => inside.has(row));
        for (const part of partsOf(rows, points)) {
          data.push({
            ...markers(part, x.values, y.values, group, style, answer, state),
            ...axesOf(index),
            ...(told.scale && scaled(part, points, style)),
            ...(hasBars && bars(part, points, axes, group, style, told.scale)),
            showlegend: false,
          });
        }
        if (told.groups.length > 1 && !index) data.push(entry(group, style));
      }
      arrows(layout, panel.rows, index, x, y, points, state, style);
    });
    if (told.scale) layout.coloraxis = scaleOf(style, axes.color, told.scale);
    finish(data, layout, told, answer, style);
    growForLegend(style, data, layout);
    return { data, layout };
  };
}

// Boxes of y over the texts, the few values, or ranges of x, with every point.
export function box(answer, state) {
  const { axes, points } = answer;
  const places = boxPlaces(points, axes, state);
  const { panels } = panelsOf(points, axes);
  const told = groupsOf(points, axes);
  const groups = told.scale ? [{ ...told.groups[0], isScale: false }] : told.groups;
  const isCloud = points.x.length > MANY;
  return (style) => {
    const layout = layOut(
      panels,
      style,
      { title: axisTitle(axes.x), more: places.ticks },
      { title: axisTitle(axes.y), more: axisOptions({}, state, "y") },
    );
    layout.boxmode = "overlay";
    const width = 0.8 / groups.length;
    const data = [];
    panels.forEach((panel, index) => {
      const inside = new Set(panel.rows);
      groups.forEach((group, at) => {
        const shift = (at - (groups.length - 1) / 2) * width;
        const rows = group.rows.filter((row) => inside.has(row) && places.values[row] !== null);
        const centres = points.x.map(() => null);
        for (const row of rows) centres[row] = places.values[row] + shift;
        data.push({
          type: "box",
          x: rows.map((row) => centres[row]),
          y: rows.map((row) => points.y[row]),
          width: width * 0.82,
          boxpoints: false,
          quartilemethod: "linear",
          line: { color: colourOf(group, style), width: style.isPrint ? 1 : 1.25 },
          fillcolor: "rgba(0,0,0,0)",
          // Over a cloud of points, under a few of them.
          ...(isCloud && { zorder: 1, line: { color: style.text, width: 1.5 } }),
          hoverinfo: "skip",
          showlegend: false,
          ...axesOf(index),
        });
        const spread = centres.map((value, row) =>
          value === null ? null : value + jitter(row) * width * 0.28,
        );
        for (const part of partsOf(rows, points)) {
          const drawn = markers(part, spread, points.y, group, style, answer, state);
          drawn.marker.size *= 0.7;
          data.push({ ...drawn, ...axesOf(index), showlegend: false });
        }
        if (groups.length > 1 && !index) data.push(entry(group, style));
      });
    });
    finish(data, layout, { groups }, answer, style);
    growForLegend(style, data, layout);
    return { data, layout };
  };
}

function boxPlaces(points, axes, state) {
  if (axes.x.kind !== "number") return placesOf(points.x, axes.x);
  const bins = binsOf(points.x, { isLog: state.log.x, few: FEW_VALUES, steps: 8 });
  const names = bins.isExact
    ? bins.centres.map((value) => write(value, 5))
    : bins.centres.map((value, at) => `${write(bins.edges[at], 3)}–${write(bins.edges[at + 1], 3)}`);
  return {
    values: points.x.map((value) => {
      const at = bins.index(value);
      return at < 0 ? null : at;
    }),
    ticks: tickTexts(names),
  };
}

// Points beside each other must not jump when the chart is drawn again.
function jitter(row) {
  const turned = Math.sin((row + 1) * 12.9898) * 43758.5453;
  return 2 * (turned - Math.floor(turned)) - 1;
}

function axisOptions(told, state, name) {
  if (told.ticks) return { ...told.ticks };
  return state.log[name] ? { type: "log" } : {};
}

function partsOf(rows, points) {
  const isSimulated = (row) => points.simulated?.[row] > 0;
  const measured = { rows: rows.filter((row) => !isSimulated(row)), isHollow: false };
  const simulated = { rows: rows.filter(isSimulated), isHollow: true };
  return [measured, simulated].filter((part) => part.rows.length);
}

function markers(part, x, y, group, style, answer, state) {
  const colour = colourOf(group, style);
  const { rows } = part;
  const picked = state.picked.size
    ? rows.flatMap((row, at) => (state.picked.has(answer.points.sample_id?.[row]) ? [at] : []))
    : undefined;
  return {
    type: "scatter",
    mode: "markers",
    x: rows.map((row) => x[row]),
    y: rows.map((row) => y[row]),
    customdata: rows,
    text: rows.map((row) => state.words(row)),
    hovertemplate: "%{text}<extra></extra>",
    selectedpoints: picked,
    selected: { marker: { opacity: 1 } },
    unselected: { marker: { opacity: 0.3 } },
    cliponaxis: false,
    marker: {
      symbol: symbolOf(group),
      size: sizeFor(answer.points.x.length, style),
      color: part.isHollow ? style.surface : colour,
      line: { color: part.isHollow ? colour : style.surface, width: part.isHollow ? 1.5 : 0.5 },
    },
  };
}

function sizeFor(count, style) {
  const most = style.marker + 1;
  return count > 5000 ? most * 0.45 : count > MANY ? most * 0.7 : most;
}

function scaled(part, points, style) {
  const values = part.rows.map((row) => points.color[row]);
  const shared = { symbol: "circle", size: sizeFor(points.x.length, style) };
  const byValue = { color: values, coloraxis: "coloraxis" };
  return {
    marker: part.isHollow
      ? { ...shared, color: style.surface, line: { ...byValue, width: 2 } }
      : { ...shared, ...byValue, line: { width: 0 } },
  };
}

function bars(part, points, axes, group, style, scale) {
  const colour = scale ? style.muted : colourOf(group, style);
  const told = {};
  for (const name of ["x", "y"]) {
    const errors = points[`${name}_uncertainty`];
    if (errors && axes[name].kind === "number") {
      told[`error_${name}`] = errorBars(style, part.rows.map((row) => errors[row]), colour);
    }
  }
  return told;
}

// A line of the legend by itself, so that each group has one whatever was measured.
function entry(group, style) {
  return {
    type: "scatter",
    mode: "markers",
    x: [null],
    y: [null],
    name: plain(group.name),
    marker: { symbol: symbolOf(group), size: style.marker, color: colourOf(group, style) },
    hoverinfo: "skip",
  };
}

// The word "simulated" stands in the picture whenever something in it is.
function finish(data, layout, told, answer, style) {
  const { points, axes } = answer;
  const count = points.simulated?.filter((value) => value > 0).length ?? 0;
  const hasGroups = told.groups.length > 1;
  if (count) {
    const some = count < points.x.length || points.count;
    const word = points.count ? "with simulated values" : "simulated";
    const about = { type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip" };
    const marker = { size: style.marker, color: style.text };
    data.push({
      ...about,
      name: word,
      marker: { ...marker, color: style.surface, line: { width: 1.5, color: style.text } },
    });
    if (some && count < points.x.length) {
      data.push({ ...about, name: "other origins", marker: { ...marker, symbol: "circle" } });
    }
  }
  layout.showlegend = hasGroups || count > 0;
  layout.legend = legendAbove(style, {
    title: hasGroups ? axisTitle(axes.color) : "",
    height: layout.height,
    above: axes.facet ? 22 : 4,
  });
}

// A value that is a limit points to where the true one lies.
function arrows(layout, rows, index, x, y, points, state, style) {
  const WAYS = { ">": 1, "<": -1 };
  for (const row of rows) {
    if (layout.annotations.length > MOST_ARROWS) return;
    for (const name of ["x", "y"]) {
      const way = WAYS[points[`${name}_bound`]?.[row]];
      if (!way || x.values[row] === null || y.values[row] === null) continue;
      const place = (values, axis) =>
        state.log[axis] && !values.ticks ? Math.log10(values.values[row]) : values.values[row];
      const { xaxis, yaxis } = axesOf(index);
      layout.annotations.push({
        xref: xaxis,
        yref: yaxis,
        x: place(x, "x"),
        y: place(y, "y"),
        text: "",
        showarrow: true,
        arrowhead: 2,
        arrowsize: 1,
        arrowwidth: style.isPrint ? 0.75 : 1.25,
        arrowcolor: style.text,
        ...(name === "y"
          ? { yshift: way * ARROW, ax: 0, ay: way * ARROW }
          : { xshift: way * ARROW, ax: -way * ARROW, ay: 0 }),
      });
    }
  }
}
