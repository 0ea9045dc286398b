// Populations: the question, the boxes with every point, and the card of one of them.

import { boxedAxis, drawChart, plain, SYMBOLS, title } from "../figures/chart.js";
import { CATEGORIES } from "../figures/colours.js";
import { wireExport } from "../kit/export.js";
import { complain } from "../figures/figure.js";
import { write } from "../kit/numbers.js";
import { tickTexts } from "./relation/groups.js";
import { variableField } from "./relation/form.js";

const MANY = 400;
const MOST_ARROWS = 300;
const ARROW = 16;
const WAYS = { ">": 1, "<": -1 };

function wireQuestion(form) {
  const hasAnswer = document.querySelector("[data-population-points]");
  if (hasAnswer && matchMedia("(max-width: 820px)").matches) form.querySelector(".more").open = false;
  const fields = [...form.querySelectorAll("input[data-variable]")].map((input) => variableField(form, input));
  const quantity = fields.find((field) => field.role === "y").hidden;
  form.addEventListener("variable", (event) => {
    if (event.detail.role === "filter") form.elements.filter_value.focus();
    else if (quantity.value) form.requestSubmit();
  });
  form.addEventListener("change", (event) => {
    if ("atOnce" in event.target.dataset && quantity.value) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const input of form.querySelectorAll("input[name], select[name]")) {
      if (!input.value) input.disabled = true;
    }
  });
}

// Points beside each other must not jump when the chart is drawn again.
function jitter(row) {
  const turned = Math.sin((row + 1) * 12.9898) * 43758.5453;
  return 2 * (turned - Math.floor(turned)) - 1;
}

function boxes(answer, wordsOf) {
  const { points, groups, y, by } = answer;
  const rows = points.value.map((value, row) => row);
  const places = points.group.map((group, row) => group + jitter(row) * 0.26);
  const size = (style) => (rows.length > MANY ? 0.55 : 0.8) * (style.marker + 1);
  return (style) => {
    const colours = CATEGORIES[style.isDark ? "dark" : "light"];
    const data = [];
    groups.forEach((group, at) => {
      const own = rows.filter((row) => points.group[row] === at);
      const counted = own.filter((row) => !points.excluded[row]);
      const colour = colours[at % colours.length];
      data.push({
        type: "box",
        x: counted.map(() => at),
        y: counted.map((row) => points.value[row]),
        width: 0.66,
        boxpoints: false,
        quartilemethod: "linear",
        zorder: rows.length > MANY ? 1 : 0,
        line: { color: rows.length > MANY ? style.text : colour, width: style.isPrint ? 1 : 1.5 },
        fillcolor: "rgba(0,0,0,0)",
        hoverinfo: "skip",
        showlegend: false,
      });
      const kinds = [
        [counted.filter((row) => !points.outlier[row]), colour, SYMBOLS[at % SYMBOLS.length]],
        [counted.filter((row) => points.outlier[row]), colour, "star"],
        [own.filter((row) => points.excluded[row]), "", "circle-x-open"],
      ];
      for (const [members, fill, symbol] of kinds) {
        if (!members.length) continue;
        const isOut = !fill;
        data.push({
          type: "scatter",
          mode: "markers",
          x: members.map((row) => places[row]),
          y: members.map((row) => points.value[row]),
          customdata: members,
          text: members.map(wordsOf),
          hovertemplate: "%{text}<extra></extra>",
          cliponaxis: false,
          showlegend: false,
          marker: {
            symbol: members.map((row) => (points.simulated[row] && !isOut ? `${symbol}-open` : symbol)),
            size: symbol === "star" ? size(style) * 1.4 : size(style),
            color: isOut ? style.muted : fill,
            opacity: rows.length > MANY && symbol !== "star" ? 0.55 : 1,
            line: { color: isOut ? style.muted : style.surface, width: isOut ? 1.5 : members.map((row) => (points.simulated[row] ? 1.25 : 0.5)) },
          },
        });
      }
    });
    const ticks = tickTexts(groups.map((group) => plain(group.name)));
    ticks.ticktext = ticks.ticktext.map((text, index) => `${text}<br>n = ${groups[ticks.tickvals[index]].n}`);
    return {
      data,
      layout: {
        xaxis: boxedAxis(style, by ? title(by.html ?? plain(by.label), plain(by.unit)) : "", { type: "linear", ...ticks }),
        yaxis: boxedAxis(style, title(y.html ?? plain(y.label), plain(y.unit)), {}),
        annotations: arrows(points, places, style),
        // Traces lifted above others leave the axes without their box.
        shapes: [{ type: "rect", xref: "paper", yref: "paper", x0: 0, x1: 1, y0: 0, y1: 1, line: { color: style.text, width: style.line } }],
        ...(style.isPrint && { height: style.width * 0.75 }),
      },
    };
  };
}

// A value that is a limit points to where the true one lies.
function arrows(points, places, style) {
  const told = [];
  points.bound.forEach((bound, row) => {
    if (!WAYS[bound] || told.length >= MOST_ARROWS) return;
    told.push({
      x: places[row],
      y: points.value[row],
      text: "",
      showarrow: true,
      arrowhead: 2,
      arrowwidth: style.isPrint ? 0.75 : 1.25,
      arrowcolor: style.text,
      yshift: WAYS[bound] * ARROW,
      ax: 0,
      ay: WAYS[bound] * ARROW,
    });
  });
  return told;
}

function nameOf(points, row) {
  const cell = points.cell[row] ? ` / ${points.cell[row]}` : "";
  const state = points.state[row] === "as made" ? "" : ` (${points.state[row]})`;
  return `${points.sample[row]}${cell}${state}`;
}

function valueOf({ points, y }, row) {
  const bound = points.bound[row] === "=" ? "" : points.bound[row];
  const error = points.uncertainty[row];
  const label = points.label[row] ? `[${points.label[row]}]` : "";
  const value = write(points.value[row]) + (error ? ` ± ${write(error, 2)}` : "");
  return [bound, value, y.unit, label].filter(Boolean).join(" ");
}

async function wireChart(root) {
  const area = root.querySelector(".area");
  const reply = await fetch(root.dataset.populationPoints, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
  const answer = await reply.json();
  const { points, groups } = answer;
  const wordsOf = (row) => {
    const lines = [`<b>${plain(nameOf(points, row))}</b>`, plain(valueOf(answer, row)), plain(groups[points.group[row]].name)];
    if (points.outlier[row]) lines.push("outlier");
    if (points.excluded[row]) lines.push(`left out: ${plain(points.reason[row])}`);
    if (points.origin[row] !== "computed") lines.push(points.origin[row]);
    return lines.join("<br>");
  };
  area.style.height = area.clientWidth < 500 ? "380px" : "460px";
  const build = boxes(answer, wordsOf);
  const chart = await drawChart(area, build, {
    plotly_click: (event) => event.points[0]?.customdata !== undefined && show(event.points[0].customdata, event.event),
  });
  const card = root.querySelector(".point-card");
  const hide = () => (card.hidden = true);
  const element = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text, ...more });

  function show(row, event) {
    window.Plotly.Fx.unhover(area);
    const close = element("button", "✕", { type: "button", className: "plain", ariaLabel: "Close" });
    close.addEventListener("click", hide);
    const link = element("a", nameOf(points, row), { className: "code", href: `/samples/${points.sample_id[row]}/` });
    const list = document.createElement("dl");
    const tell = (term, text) => list.append(element("dt", term), element("dd", text));
    tell(answer.y.label, valueOf(answer, row));
    tell("Group", groups[points.group[row]].name);
    tell("Origin", points.origin[row]);
    if (points.outlier[row]) tell("Outlier", "beyond the whiskers; counted");
    if (points.excluded[row]) tell("Left out", points.reason[row]);
    card.replaceChildren(close, link, list);
    if (points.source[row]) {
      card.append(element("a", "Where it is from", { href: `/values/${points.source[row]}/` }));
      const template = document.querySelector("template[data-exclude-form]");
      if (template) {
        const form = template.content.cloneNode(true).querySelector("form");
        form.elements.value.value = points.source[row];
        form.querySelector("[data-leave-out]").hidden = points.excluded[row];
        form.querySelector("[data-count-again]").hidden = !points.excluded[row];
        form.elements.reason.disabled = points.excluded[row];
        card.append(form);
      }
    }
    card.hidden = false;
    const figure = card.parentElement.getBoundingClientRect();
    const [x, y] = event?.clientX ? [event.clientX - figure.left + 12, event.clientY - figure.top + 12] : [60, 20];
    card.style.left = `${Math.max(4, Math.min(x, figure.width - card.offsetWidth - 4))}px`;
    card.style.top = `${Math.max(4, Math.min(y, figure.height - card.offsetHeight - 4))}px`;
  }

  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || card.hidden) return;
    area.focus();
    hide();
  });
  stepThrough(area, points, show, card);
  const buttons = document.querySelector(".answer [data-export]");
  if (buttons) {
    buttons.hidden = false;
    wireExport(buttons, () => ({ build }), () => `population-${answer.y.label}`.slice(0, 80));
  }
  root.dataset.drawn = "box";
  return chart;
}

// The arrow keys read the points group by group; Enter opens the card of one.
function stepThrough(area, points, show, card) {
  const order = points.value
    .map((value, row) => row)
    .sort((a, b) => points.group[a] - points.group[b] || points.value[a] - points.value[b]);
  let at = -1;
  area.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.max(0, Math.min(order.length - 1, at + step));
      const curveNumber = area.data.findIndex((trace) => trace.customdata?.includes(order[at]));
      const pointNumber = area.data[curveNumber].customdata.indexOf(order[at]);
      window.Plotly.Fx.hover(area, [{ curveNumber, pointNumber }]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      show(order[at]);
      card.querySelector("a, button").focus();
    }
  });
}

const question = document.querySelector("[data-population]");
if (question) wireQuestion(question);
const chart = document.querySelector("[data-population-points]");
if (chart) wireChart(chart).catch((error) => complain(chart, error));
