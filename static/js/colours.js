// Colours: Okabe-Ito for categories, cividis for magnitude; everybody tells them apart.

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

// The end that would vanish on the background is left out of lines and markers.
const VISIBLE = { light: [0, 0.82], dark: [0.42, 1] };

export function colourAt(fraction) {
  const place = Math.min(Math.max(fraction, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, CIVIDIS.length - 1);
  return CIVIDIS[low].map((value, index) =>
    Math.round(value + (CIVIDIS[high][index] - value) * (place - low)),
  );
}

export function cssColourAt(
  fraction,
  isDark = matchMedia("(prefers-color-scheme: dark)").matches,
) {
  const [low, high] = VISIBLE[isDark ? "dark" : "light"];
  return `rgb(${colourAt(low + (high - low) * fraction).join(" ")})`;
}
