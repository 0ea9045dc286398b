// Charts as figures, drawn by plotly: boxed axes, ticks inside, quantity and unit on each.
//
// A chart is a function `build(style)` that gives plotly's {data, layout}. It is called
// with the style of the page and again when that changes, and by export.js with the
// style of print, so that nothing drawn may be remembered from an earlier call.

import { CATEGORIES, chartColourAt } from "./colours.js";
import { onThemeChange, theme } from "./figure.js";

const BUNDLE = new URL("../../vendor/plotly/plotly-cartesian.min.js", import.meta.url);
const RULES = new URL("../../vendor/plotly/plotly.css", import.meta.url);
const PIXELS_PER_MM = 96 / 25.4;
export const SYMBOLS = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "triangle-down",
  "hexagon",
  "pentagon",
  "star",
  "cross",
  "x",
];

let loading;

// Plotly writes style attributes, which the content policy forbids. The same text given
// to the element's style by script is allowed, so that no page has to relax its policy.
function writeStylesByScript() {
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function set(name, value) {
    if (name === "style" && this.style) this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}

// The library, fetched when the first chart needs it.
export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    // Under this name plotly takes its rules for written and writes none into the page.
    const rules = document.createElement("link");
    rules.id = "plotly.js-style-global";
    rules.className = "no-inline-styles";
    rules.rel = "stylesheet";
    rules.href = RULES;
    const script = document.createElement("script");
    script.src = BUNDLE;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = undefined;
      rules.remove();
      reject(new Error("the chart library did not arrive; reload the page"));
    };
    writeStylesByScript();
    document.head.append(rules, script);
  });
  return loading;
}

// How charts look on this page now.
export function screenStyle() {
  const colours = theme();
  return {
    ...colours,
    family: colours.font.replace(/^\S+\s/, ""),
    size: 13,
    small: 12,
    line: 1,
    marker: 8,
    isDark: colours.categories === CATEGORIES.dark,
    isPrint: false,
  };
}

// How they look on paper: dark ink, letters of 7 to 8 points whatever the width.
export function printStyle(millimetres) {
  return {
    text: "#000000",
    muted: "#444444",
    hatch: "#bbbbbb",
    surface: "#ffffff",
    categories: CATEGORIES.light,
    family: "Arial, Helvetica, sans-serif",
    size: 10.67,
    small: 9.33,
    line: 1,
    marker: 5,
    isDark: false,
    isPrint: true,
    width: Math.round(millimetres * PIXELS_PER_MM * 100) / 100,
  };
}

// Text as it stands: plotly would read tags in it.
export function plain(text) {
  return String(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

// Where a legend stands: over the boxes, `above` pixels higher where they have titles.
export function legendAbove(style, { title: words = "", height = style.height, above = 4 }) {
  return {
    orientation: "h",
    x: 0,
    y: 1 + above / (height || 400),
    yanchor: "bottom",
    font: { size: style.small },
    itemsizing: "trace",
    bgcolor: "rgba(0,0,0,0)",
    itemclick: false,
    itemdoubleclick: false,
    traceorder: "normal",
    ...(words && {
      title: {
        text: `${words}  `,
        side: style.isPrint || style.width < 700 ? "top" : "left",
        font: { size: style.small },
      },
    }),
  };
}

// A legend takes its room from the boxes: on paper the figure grows by it.
export function growForLegend(style, data, layout) {
  if (!style.isPrint || !layout.showlegend) return;
  const entries = data.filter((trace) => trace.showlegend !== false).length;
  const rows = Math.ceil(entries / Math.max(1, Math.floor(style.width / 110)));
  layout.height += (rows + 1) * style.small * 1.8;
}

export function title(label, unit) {
  return unit && unit !== "1" ? `${label} (${unit})` : label;
}

// What every chart shares; its own layout is laid over it.
export function frame(style) {
  return {
    autosize: !style.isPrint,
    ...(style.isPrint && { width: style.width, height: style.width * 0.75 }),
    paper_bgcolor: style.surface,
    plot_bgcolor: style.surface,
    font: { family: style.family, size: style.small, color: style.text },
    colorway: style.categories,
    margin: { l: 8, r: 12, t: 10, b: 8 },
    showlegend: false,
    legend: legendAbove(style, {}),
    hovermode: "closest",
    hoverlabel: {
      bgcolor: style.surface,
      bordercolor: style.text,
      font: { color: style.text, family: style.family, size: 13 },
      align: "left",
    },
    newselection: { line: { color: style.text, width: 1, dash: "dot" } },
    activeselection: { fillcolor: style.muted, opacity: 0.1 },
  };
}

// An axis of the box; `more` are plotly's own words.
export function boxedAxis(style, label, more = {}) {
  return {
    title: { text: label ?? "", font: { size: style.size }, standoff: 6 },
    showline: true,
    mirror: true,
    linecolor: style.text,
    linewidth: style.line,
    ticks: "inside",
    ticklen: style.isPrint ? 4 : 5,
    tickwidth: style.line,
    tickcolor: style.text,
    tickfont: { size: style.small },
    showgrid: false,
    zeroline: false,
    automargin: true,
    exponentformat: "power",
    nticks: style.isPrint && style.width < 400 ? 6 : 0,
    ...(more.type === "log" && {
      dtick: undefined,
      minor: { ticks: "inside", ticklen: 3, tickcolor: style.text, dtick: "D1" },
    }),
    ...more,
  };
}

// Magnitudes from dark to light; `whole` where no marker can sink into the page.
export function colourScale(style, { whole = false } = {}) {
  const steps = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
  return steps.map((step) => [step, chartColourAt(step, { isDark: style.isDark, whole })]);
}

export function colourBar(style, label) {
  return {
    title: { text: label, side: "right", font: { size: style.size } },
    thickness: style.isPrint ? 9 : 14,
    outlinecolor: style.text,
    outlinewidth: style.line,
    // Plotly measures the room for the title by ticks that stand outside.
    ticks: "outside",
    ticklen: style.isPrint ? 3 : 4,
    tickcolor: style.text,
    tickfont: { size: style.small },
    exponentformat: "power",
    len: 1,
    lenmode: "fraction",
    y: 0.5,
    ypad: 0,
    xpad: style.isPrint ? 6 : 10,
  };
}

// Bars of one standard uncertainty, as dark as their points.
export function errorBars(style, values, colour) {
  return {
    type: "data",
    array: values.map((value) => value ?? 0),
    color: colour,
    thickness: style.line,
    width: style.isPrint ? 2 : 3,
  };
}

// Draws into an element and keeps it right; `events` are plotly's names with functions.
export async function drawChart(box, build, events = {}) {
  const Plotly = await loadPlotly();
  const config = {
    displayModeBar: false,
    responsive: true,
    displaylogo: false,
    doubleClick: "reset",
    showTips: false,
    scrollZoom: false,
  };
  const draw = async (again = build) => {
    build = again;
    const style = screenStyle();
    style.width = box.clientWidth;
    style.height = box.clientHeight;
    const { data, layout } = build(style);
    await Plotly.react(box, data, { ...frame(style), ...layout }, config);
  };
  box.replaceChildren();
  await draw();
  for (const [name, act] of Object.entries(events)) box.on(name, act);
  onThemeChange(() => draw());
  return {
    redraw: draw,
    relayout: (changes) => Plotly.relayout(box, changes),
    get spec() {
      return { build };
    },
  };
}
