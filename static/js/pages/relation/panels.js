// Small multiples: boxes side by side with shared axes, numbers on the outer ones only.

import { boxedAxis, plain } from "../../figures/chart.js";

const LEAST_WIDTH = 230;
const PANEL_HEIGHT = 230;
const SINGLE_HEIGHT = 460;

export function columnsFor(count, width, isPrint) {
  const least = isPrint ? 130 : LEAST_WIDTH;
  return Math.max(1, Math.min(count, Math.floor(width / least), Math.ceil(Math.sqrt(count)) + 1));
}

export function heightFor(count, width) {
  if (count === 1) return width < 500 ? 340 : SINGLE_HEIGHT;
  return Math.max(SINGLE_HEIGHT, Math.ceil(count / columnsFor(count, width)) * PANEL_HEIGHT);
}

// The axes and titles of panels. `x` and `y`: {title, more}, more being plotly's words.
export function layOut(panels, style, x, y) {
  const count = panels.length;
  const columns = columnsFor(count, style.width, style.isPrint);
  const rows = Math.ceil(count / columns);
  const layout = { annotations: [], shapes: [] };
  // Of axes that match, plotly finds the range of both or of none.
  const isFree = count > 1 && !(x.more.range && y.more.range);
  const words = (more) => ({ type: "linear", ...more, ...(isFree && { range: undefined }) });
  if (style.isPrint) {
    layout.height = style.width * (count === 1 ? 0.75 : Math.min(1.3, (rows / columns) * 0.9 + 0.1));
  }
  const height = layout.height ?? style.height;
  const gap = {
    x: columns > 1 ? 14 / style.width : 0,
    y: rows > 1 ? Math.min(0.5 / rows, (style.isPrint ? 22 : 34) / height) : 0,
  };
  const size = { x: (1 - gap.x * (columns - 1)) / columns, y: (1 - gap.y * (rows - 1)) / rows };
  // A title longer than its panel stands once, in the middle, for all of them.
  const once = {
    x: columns > 1 && lengthOf(x.title, style) > size.x * style.width * 0.9,
    y: rows > 1 && lengthOf(y.title, style) > size.y * height * 0.8,
  };
  const middle = { x: (columns - 1) >> 1, y: (rows - 1) >> 1 };
  panels.forEach((panel, index) => {
    const number = index ? String(index + 1) : "";
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const isLowest = index + columns >= count;
    const start = column * (size.x + gap.x);
    const top = 1 - row * (size.y + gap.y);
    layout[`xaxis${number}`] = {
      ...boxedAxis(style, isLowest && (!once.x || column === middle.x) ? x.title : "", words(x.more)),
      domain: [start, start + size.x],
      anchor: `y${number}`,
      showticklabels: isLowest,
      ...(index && { matches: "x" }),
    };
    layout[`yaxis${number}`] = {
      ...boxedAxis(style, column || (once.y && row !== middle.y) ? "" : y.title, words(y.more)),
      domain: [Math.max(0, top - size.y), top],
      anchor: `x${number}`,
      showticklabels: !column,
      ...(index && { matches: "y" }),
    };
    if (panel.title) layout.annotations.push(heading(panel.title, start, top, size, style));
  });
  return layout;
}

function lengthOf(text, style) {
  return text.replace(/<[^>]*>/g, "").length * style.size * 0.52;
}

function heading(text, start, top, size, style) {
  return {
    xref: "paper",
    yref: "paper",
    x: start + size.x / 2,
    y: top,
    xanchor: "center",
    yanchor: "bottom",
    yshift: 1,
    showarrow: false,
    text: `<b>${plain(text)}</b>`,
    font: { size: style.small },
  };
}

export function axesOf(index) {
  const number = index ? String(index + 1) : "";
  return { xaxis: `x${number}`, yaxis: `y${number}` };
}
