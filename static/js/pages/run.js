// Figures of runs: whole ones that can be adjusted, and small ones beside each other.

import { adjust } from "../figures/adjust.js";
import { offerExport, showPanels } from "../figures/panels.js";
import "../kit/keys.js";
import { whenSeen } from "../kit/seen.js";

// Small multiples tell differences only on the same axes.
function share(drawn) {
  for (const place of [0, 1]) {
    const plots = drawn
      .filter((one) => one && !one.specs[0].isMap)
      .map((one) => one.plots[place])
      .filter(Boolean);
    for (const key of ["x", "y"]) {
      const min = Math.min(...plots.map((plot) => plot.scales[key].min));
      const max = Math.max(...plots.map((plot) => plot.scales[key].max));
      for (const plot of plots) plot.setScale(key, { min, max });
    }
  }
}

const whole = document.querySelectorAll(".run-figure .figure[data-curves]");
const shared = document.querySelector("[data-shared-axes]");

for (const box of whole) {
  const panel = box.closest(".run-figure").querySelector("[data-adjust]");
  const drawn = showPanels(box);
  drawn.then((one) => {
    if (one) offerExport(box, one.specs);
    if (panel) adjust(panel, box, one);
  });
}
if (shared) {
  Promise.all([...shared.querySelectorAll("[data-curves]")].map(showPanels)).then((drawn) =>
    // The first range is known only once a plot was drawn.
    requestAnimationFrame(() => share(drawn)),
  );
} else {
  whenSeen(document.querySelectorAll("[data-curves][data-small]"), showPanels);
}
