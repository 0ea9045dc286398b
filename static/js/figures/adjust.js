// Window and start values set in the figure: handles that are dragged or moved by keys,
// and the fields of the form below, which say the same in numbers.

import { complain, drawFigure, load } from "./figure.js";
import { axisLabel, write } from "../kit/numbers.js";
import { handleOf, place } from "./handles.js";

const SIGMAS_PER_FWHM = 2.354820045;
const OFFSET_QUANTILE = 0.03;
// Of the window: what a new peak's width may be at least and at most.
const NEW_PEAK_WIDTHS = [0.03, 0.4];
const MOST_PARTS = 6;
const NUMBER = /[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi;

const shapes = {
  gaussian: (x, peak) => {
    const distance = ((x - peak.centre) / peak.width) * SIGMAS_PER_FWHM;
    return peak.height * Math.exp((-distance * distance) / 2);
  },
};

// A drawn part's own centre, height and full width at half maximum.
function describePart(x, values) {
  let top = 0;
  values.forEach((value, at) => value > values[top] && (top = at));
  const half = values[top] / 2;
  let [low, high] = [top, top];
  while (low > 0 && values[low] > half) low -= 1;
  while (high < values.length - 1 && values[high] > half) high += 1;
  const crossing = (outer, inner) => {
    const part = (half - values[outer]) / (values[inner] - values[outer]);
    return x[outer] + part * (x[inner] - x[outer]);
  };
  const below = values[low] <= half ? x[top] - crossing(low, low + 1) : Infinity;
  const above = values[high] <= half ? crossing(high, high - 1) - x[top] : Infinity;
  const side = Math.min(below, above);
  const span = x.at(-1) - x[0];
  return {
    centre: x[top],
    height: values[top],
    width: Number.isFinite(side) ? 2 * side : span / 4,
  };
}

export function adjust(panel, figure, drawn) {
  const roles = JSON.parse(document.getElementById("run-roles").textContent);
  const form = panel.querySelector("form");
  const shape = shapes[roles.start?.shape];
  const fields = formFields(form, roles);
  const counts = (roles.count?.choices ?? []).filter(Number.isInteger);
  const most = shape ? Math.min(MOST_PARTS, Math.max(0, ...counts) || MOST_PARTS) : 0;
  const acts = panel.querySelector(".adjust-acts");
  const readout = figure.querySelector(".readout");
  const area = document.createElement("div");
  area.className = "area adjusting";
  area.hidden = true;
  figure.querySelector(".area.curves").before(area);
  const state = { window: null, peaks: [], chosen: 0, x: [], y: [], frozen: null };
  let plot = null;
  let handles = [];
  let shades = [];

  const inWindow = () => state.window ?? [state.x[0], state.x.at(-1)];
  const offset = () => {
    const [low, high] = inWindow();
    const inside = state.y.filter((y, at) => state.x[at] >= low && state.x[at] <= high);
    inside.sort((a, b) => a - b);
    return inside[Math.floor(OFFSET_QUANTILE * (inside.length - 1))] ?? 0;
  };

  function columns() {
    const [low, high] = inWindow();
    const base = offset();
    const inside = (x) => x >= low && x <= high;
    const total = state.x.map((x) =>
      !inside(x) || !state.peaks.length
        ? null
        : state.peaks.reduce((sum, peak) => sum + shape(x, peak), base),
    );
    const parts = Array.from({ length: most }, (_, index) => {
      const peak = state.peaks[index];
      return state.x.map((x) => (peak && inside(x) ? base + shape(x, peak) : null));
    });
    return [state.x, state.y, total, ...parts];
  }

  function update() {
    plot.setData(columns(), false);
    plot.redraw();
    layout();
  }

  function layout() {
    if (!plot) return;
    const [low, high] = inWindow();
    const base = offset();
    const { width, height } = plot.over.getBoundingClientRect();
    const toX = (value) => plot.valToPos(value, "x");
    // A peak higher than the figure keeps its handle at the edge, within reach.
    const toY = (value) => Math.min(Math.max(plot.valToPos(value, "y"), 0), height);
    place(shades[0], { left: 0, width: Math.max(0, toX(low)) });
    place(shades[1], { left: toX(high), width: Math.max(0, width - toX(high)) });
    for (const handle of handles) {
      const peak = state.peaks[handle.index];
      if (handle.kind === "low") handle.put(toX(low), height / 2, height / 2);
      else if (handle.kind === "high") handle.put(toX(high), height / 2, height / 2);
      else if (!peak) handle.hide();
      else if (handle.kind === "peak") {
        handle.put(toX(peak.centre), toY(base + peak.height));
        handle.choose(handle.index === state.chosen);
      } else {
        handle.put(toX(peak.centre + peak.width / 2), toY(base + peak.height / 2));
      }
      handle.tell(words(handle), meter(handle));
    }
    acts.querySelector("[data-act=add]").disabled = state.peaks.length >= most;
    acts.querySelector("[data-act=remove]").disabled = !state.peaks.length;
  }

  const named = (value, unit) => `${write(value, 5)} ${unit}`.trim();

  function words({ kind, index }) {
    const [low, high] = inWindow();
    if (kind === "low") return named(low, state.unit);
    if (kind === "high") return named(high, state.unit);
    const peak = state.peaks[index];
    if (!peak) return "";
    const width = `width ${named(peak.width, state.unit)}`;
    if (kind === "width") return width;
    return `centre ${named(peak.centre, state.unit)}, height ${write(peak.height, 4)}, ${width}`;
  }

  function meter({ kind, index }) {
    const [first, last] = [state.x[0], state.x.at(-1)];
    const peak = state.peaks[index];
    const [low, high] = inWindow();
    if (kind === "width") return { min: 0, max: last - first, now: peak?.width ?? 0 };
    const now = { low, high, peak: peak?.centre ?? first }[kind];
    return { min: first, max: last, now };
  }

  // What a handle's new place in the figure means, by the pointer or by a key.
  function move(handle, x, y) {
    const [first, last] = [state.x[0], state.x.at(-1)];
    const least = (last - first) / 200;
    const [low, high] = inWindow();
    const peak = state.peaks[handle.index];
    const within = (value, min, max) => Math.min(Math.max(value, min), max);
    if (handle.kind === "low") state.window = [within(x, first, high - least), high];
    else if (handle.kind === "high") state.window = [low, within(x, low + least, last)];
    else if (handle.kind === "peak") {
      peak.centre = within(x, first, last);
      if (y !== null) peak.height = Math.max(y - offset(), 1e-9);
      state.chosen = handle.index;
    } else peak.width = Math.max(2 * Math.abs(x - peak.centre), least / 2);
    if (handle.kind === "low" || handle.kind === "high") fields.writeWindow(state.window);
    else fields.writePeaks(state.peaks);
    readout.textContent = `${handle.name}: ${words(handle)}`;
    update();
  }

  function nudge(handle, right, up, far) {
    const step = ((state.x.at(-1) - state.x[0]) / 400) * (far ? 10 : 1);
    const peak = state.peaks[handle.index];
    const [low, high] = inWindow();
    if (handle.kind === "low") move(handle, low + right * step);
    else if (handle.kind === "high") move(handle, high + right * step);
    else if (handle.kind === "width") {
      move(handle, peak.centre + peak.width / 2 + (right || up) * step);
    } else {
      const height = peak.height * (1 + up * (far ? 0.2 : 0.02));
      move(handle, peak.centre + right * step, offset() + height);
    }
  }

  function remove(index) {
    if (!state.peaks.length) return;
    state.peaks.splice(Math.min(index, state.peaks.length - 1), 1);
    state.chosen = Math.max(0, state.peaks.length - 1);
    fields.writePeaks(state.peaks);
    readout.textContent = `${state.peaks.length} peaks.`;
    update();
  }

  // A new peak stands where the start values leave most of the data unexplained.
  function add() {
    const [low, high] = inWindow();
    const [, y, total] = columns();
    const base = offset();
    const inside = (x) => x >= low && x <= high;
    const rest = y.map((value, at) =>
      inside(state.x[at]) ? value - (total[at] ?? base) : 0,
    );
    const found = describePart(state.x, rest);
    const [least, greatest] = NEW_PEAK_WIDTHS.map((part) => part * (high - low));
    state.peaks.push({
      centre: Math.min(Math.max(found.centre, low), high),
      height: Math.max(found.height, 0.05 * (Math.max(...y) - base)),
      width: Math.min(Math.max(found.width, least), greatest),
    });
    state.chosen = state.peaks.length - 1;
    fields.writePeaks(state.peaks);
    update();
    handles.find((one) => one.kind === "peak" && one.index === state.chosen).focus();
  }

  function buildHandles(self) {
    plot = self;
    shades = ["below", "above"].map((side) => {
      const shade = document.createElement("div");
      shade.className = `window-shade ${side}`;
      self.over.append(shade);
      return shade;
    });
    const toValues = (left, top) => [self.posToVal(left, "x"), self.posToVal(top, "y")];
    const events = { move, nudge, remove, toValues, freeze };
    const make = (kind, name, index) => handleOf(self.over, { kind, name, index }, events);
    handles = [make("low", "Window, low end"), make("high", "Window, high end")];
    for (let index = 0; index < most; index += 1) {
      handles.push(make("peak", `Peak ${index + 1}`, index));
      handles.push(make("width", `Width of peak ${index + 1}`, index));
    }
    layout();
  }

  // While something is dragged the axis stands still under the pointer.
  function freeze(isDragging) {
    const { min, max } = plot.scales.y;
    state.frozen = isDragging ? [min, max] : null;
    if (!isDragging) plot.redraw();
  }

  async function begin(axis) {
    const query = axis === undefined ? "" : `?axis=${encodeURIComponent(axis)}`;
    const dataset = await load(`${panel.dataset.adjust}${query}`);
    const [along] = dataset.axes;
    const [channel] = dataset.channels;
    const order = along.values.map((value, at) => at);
    order.sort((a, b) => along.values[a] - along.values[b]);
    state.x = order.map((at) => along.values[at]);
    state.y = order.map((at) => channel.values[at] ?? 0);
    state.unit = along.unit;
    state.window = fields.readWindow();
    state.peaks = fields.readPeaks();
    if (!state.peaks.length && axis === undefined) state.peaks = fittedPeaks();
    fillHeights();
    plot?.destroy();
    area.replaceChildren();
    area.hidden = false;
    const [, , total, ...parts] = columns();
    const part = { kind: "thin", dash: [4, 3], colour: 0 };
    drawFigure(area, {
      x: { label: axisLabel(along.label, along.unit), unit: along.unit, values: state.x },
      y: {
        label: axisLabel(channel.label, channel.unit),
        unit: channel.unit === "1" ? "" : channel.unit,
        range: (self, min, max) =>
          state.frozen ?? uPlot.rangeNum(min ?? 0, max ?? 1, 0.1, true),
      },
      series: [
        { label: "Data", kind: "points", values: state.y },
        { label: "Start", kind: "line", colour: 1, values: total },
        ...parts.map((values, at) => ({ ...part, label: `Peak ${at + 1}`, values })),
      ],
      simulated: "simulated" in figure.dataset,
      onReady: buildHandles,
      onDraw: layout,
    });
  }

  // The parts of the fit that is drawn, each without what it stands on.
  function fittedPeaks() {
    if (!drawn || !shape) return [];
    return drawn.panels[0].curves
      .filter((one) => one.base)
      .slice(0, most)
      .map((one) => {
        const order = one.x.map((value, at) => at).sort((a, b) => one.x[a] - one.x[b]);
        return describePart(
          order.map((at) => one.x[at]),
          order.map((at) => one.y[at] - one.base[at]),
        );
      });
  }

  function fillHeights() {
    const base = offset();
    for (const peak of state.peaks) {
      if (Number.isFinite(peak.height)) continue;
      let nearest = 0;
      state.x.forEach((x, at) => {
        const closer = Math.abs(x - peak.centre) < Math.abs(state.x[nearest] - peak.centre);
        if (closer) nearest = at;
      });
      peak.height = state.y[nearest] - base;
    }
  }

  function show(isOpen) {
    const others = figure.querySelectorAll(".legend, .area:not(.adjusting)");
    for (const one of others) one.classList.toggle("set-aside", isOpen);
    panel.querySelector(".adjust-hint").hidden = !isOpen;
    acts.hidden = !isOpen;
    area.hidden = !isOpen;
    readout.textContent = isOpen ? "The fit begins at the curve of these start values." : "";
    if (isOpen) begin().catch((error) => complain(area, error));
  }

  acts.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "add") add();
    else if (act === "remove") remove(state.chosen);
    else if (act === "whole") {
      state.window = null;
      fields.writeWindow(null);
      update();
    } else if (act === "automatic") {
      state.peaks = [];
      fields.writePeaks([]);
      update();
    }
  });
  fields.onTyped(() => {
    if (!plot) return;
    state.window = fields.readWindow();
    state.peaks = fields.readPeaks();
    fillHeights();
    update();
  });
  fields.onAxis((axis) => {
    // Neither window nor start values mean the same on another axis.
    fields.writeWindow(null);
    fields.writePeaks([]);
    if (!area.hidden) begin(axis).catch((error) => complain(area, error));
  });
  panel.addEventListener("toggle", () => show(panel.open));
  if (panel.open) show(true);
}

// Window and start values as the form's fields hold them.
function formFields(form, roles) {
  const windowField = form.elements[roles.window?.name];
  const axisField = form.elements[roles.axis?.name];
  const countField = form.elements[roles.count?.name];
  const start = roles.start;
  const total = form.elements[`${start?.name}-total`];
  const table = total?.closest(".field").querySelector("table");
  const rows = () => [...(table?.tBodies[0].rows ?? [])];
  const cell = (row, role) =>
    row.querySelector(`input[name$="-${CSS.escape(start.columns[role])}"]`);
  const short = (value) => String(Number(value.toPrecision(6)));

  return {
    readWindow() {
      const found = windowField?.value.match(NUMBER)?.map(Number) ?? [];
      return found.length === 2 && found[0] < found[1] ? found : null;
    },
    writeWindow(window) {
      if (windowField) windowField.value = window ? window.map(short).join(" ") : "";
    },
    readPeaks() {
      return rows()
        .map((row) => ({
          centre: Number.parseFloat(cell(row, "centre").value),
          width: Number.parseFloat(cell(row, "width").value),
          height: Number.parseFloat(cell(row, "height").value),
        }))
        .filter((peak) => Number.isFinite(peak.centre) && peak.width > 0);
    },
    writePeaks(peaks) {
      if (!table) return;
      const focused = document.activeElement;
      const scrolled = scrollY;
      const adding = table.closest(".field").querySelector("[data-add-row]");
      while (rows().length < peaks.length) adding.click();
      rows().forEach((row, index) => {
        for (const input of row.querySelectorAll("input")) input.value = "";
        if (!peaks[index]) return;
        for (const role of ["centre", "width", "height"]) {
          cell(row, role).value = short(peaks[index][role]);
        }
      });
      focused?.focus({ preventScroll: true });
      scrollTo({ top: scrolled, behavior: "instant" });
      if (!countField || !peaks.length) return;
      const wanted = JSON.stringify(peaks.length);
      if ([...countField.options].some((option) => option.value === wanted)) {
        countField.value = wanted;
      }
    },
    onTyped(told) {
      form.addEventListener("input", (event) => {
        if (event.target === windowField || table?.contains(event.target)) told();
      });
    },
    onAxis(told) {
      axisField?.addEventListener("change", () => told(JSON.parse(axisField.value)));
    },
  };
}
