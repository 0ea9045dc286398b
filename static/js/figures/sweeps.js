// Figures whose curves the server tells: drawn when they are about to be seen.

import { offerExport, showPanels } from "./panels.js";
import { whenSeen } from "../kit/seen.js";

async function show(box) {
  const drawn = await showPanels(box);
  if (drawn) offerExport(box, drawn.specs);
}

whenSeen(document.querySelectorAll("[data-curves]"), show);
// Parts of a page that come later have their figures too.
document.addEventListener("htmx:load", ({ target }) => {
  const parts = [...target.querySelectorAll("[data-curves]")];
  if (target.matches("[data-curves]")) parts.unshift(target);
  whenSeen(parts, show);
});
