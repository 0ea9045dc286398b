// Numbers and axis titles as figures print them.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function axisLabel(label, unit) {
  return unit && unit !== "1" ? `${label} (${unit})` : label;
}

// Enough digits to tell neighbours apart, with a typographic minus sign.
export function write(value, digits = 6) {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  const size = Math.abs(value);
  if (size === Infinity) return value < 0 ? "−∞" : "∞";
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [body, power] = value.toExponential(Math.min(digits - 1, 3)).split("e");
    return scientific(String(Number(body)), power);
  }
  return signed(String(Number(value.toPrecision(digits))));
}

// The ticks of an axis: as many decimals as its step needs, with a power of ten once
// numbers get long. Those of a logarithmic axis, which leaves some out, stand alone.
export function tickTexts(splits) {
  const largest = Math.max(...splits.map((value) => Math.abs(value ?? 0)));
  const isLong = largest >= 1e5 || (largest > 0 && largest < 1e-3);
  const step = stepOf(splits);
  return splits.map((value) => {
    if (value === null) return "";
    if (value === 0) return "0";
    if (step && !isLong) return signed(value.toFixed(decimalsOf(step)));
    const [, power] = Number(value.toPrecision(12)).toExponential().split("e");
    const isShort = power >= -3 && power < 5;
    if (!step && isShort) return signed(String(Number(value.toPrecision(4))));
    const body = value / 10 ** power;
    const text = step
      ? body.toFixed(decimalsOf(step / 10 ** power))
      : String(Number(body.toPrecision(4)));
    return scientific(text, power);
  });
}

// The one distance between neighbours; null where there is none.
function stepOf(splits) {
  const step = Math.abs(splits[1] - splits[0]);
  const isEven = splits.every(
    (value, at) =>
      value !== null &&
      (!at || Math.abs(Math.abs(value - splits[at - 1]) - step) < 1e-6 * step),
  );
  return isEven && step > 0 ? step : null;
}

// Steps of 2.5 need a decimal more than their size tells: 17.5 is not 18.
function decimalsOf(step) {
  let decimals = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
  while (decimals < 6 && Math.abs(Number(step.toFixed(decimals)) - step) > 1e-6 * step) decimals += 1;
  return decimals;
}

function scientific(body, power) {
  const raised = String(Number(power))
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);
  return `${signed(body)}×10${raised}`;
}

function signed(text) {
  return text.replace("-", "−");
}
