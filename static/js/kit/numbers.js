// Numbers and axis titles as figures print them.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function axisLabel(label, unit) {
  return unit && unit !== "1" ? `${label} (${unit})` : label;
}

// Enough digits to tell neighbours apart, with a typographic minus sign.
export function write(value, digits = 6) {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  const size = Math.abs(value);
  let text = String(Number(value.toPrecision(digits)));
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [body, power] = value.toExponential(Math.min(digits - 1, 3)).split("e");
    const raised = String(Number(power))
      .replace("-", "⁻")
      .replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);
    text = `${Number(body)}×10${raised}`;
  }
  return text.replace("-", "−");
}

// uPlot's own numbers, but with a power of ten once they get long.
export function tickTexts(splits) {
  const largest = Math.max(...splits.map((value) => Math.abs(value ?? 0)));
  const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
  const long = largest >= 1e5 || (largest > 0 && largest < 1e-3);
  const decimals = decimalsOf(step);
  return splits.map((value) => {
    if (value === null) return "";
    if (value === 0) return "0";
    if (long) return write(value, 4).includes("×") ? write(value, 4) : power(value);
    return value.toFixed(decimals).replace("-", "−");
  });
}

// Steps of 2.5 need a decimal more than their size tells: 17.5 is not 18.
function decimalsOf(step) {
  let decimals = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step || 1) - 1e-9)));
  while (decimals < 6 && Math.abs(Number(step.toFixed(decimals)) - step) > 1e-6 * step) decimals += 1;
  return decimals;
}

function power(value) {
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  const raised = String(exponent)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);
  const body = Number((value / 10 ** exponent).toPrecision(3));
  return `${String(body).replace("-", "−")}×10${raised}`;
}
