// Colours everybody tells apart: Okabe-Ito for categories, cividis and viridis for magnitude.

export const CATEGORIES = {
  light: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"],
  // The same hues, lightened where they would sink into a dark page.
  dark: ["#56B4E9", "#E69F00", "#2FC79B", "#E394C0", "#F0E442", "#FF8A42", "#FFFFFF"],
};

const CIVIDIS = [
  [0, 32, 77],
  [0, 48, 111],
  [55, 72, 107],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [255, 233, 69],
];

const VIRIDIS = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

// The end that would vanish on the background is left out of lines and markers.
const VISIBLE = { light: [0, 0.82], dark: [0.42, 1] };

export function colourAt(fraction) {
  return between(CIVIDIS, fraction);
}

function between(colours, fraction) {
  const place = Math.min(Math.max(fraction, 0), 1) * (colours.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, colours.length - 1);
  return colours[low].map((value, index) =>
    Math.round(value + (colours[high][index] - value) * (place - low)),
  );
}

// A magnitude in a chart; markers leave out the end that sinks into the page.
export function chartColourAt(fraction, { isDark = false, whole = false } = {}) {
  const [low, high] = whole ? [0, 1] : isDark ? [0.25, 1] : [0, 0.86];
  return `rgb(${between(VIRIDIS, low + (high - low) * fraction).join(",")})`;
}

export function cssColourAt(
  fraction,
  isDark = matchMedia("(prefers-color-scheme: dark)").matches,
) {
  const [low, high] = VISIBLE[isDark ? "dark" : "light"];
  return `rgb(${colourAt(low + (high - low) * fraction).join(" ")})`;
}
