// A photograph is left by Escape, and its neighbours are reached by the arrows.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const wanted = {
    Escape: "a[data-close]",
    ArrowLeft: "a[rel=prev]",
    ArrowRight: "a[rel=next]",
  }[event.key];
  const link = wanted && document.querySelector(wanted);
  if (!link) return;
  event.preventDefault();
  link.click();
});
