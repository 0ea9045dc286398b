// A page about one of several is left by Escape; its neighbours are reached by the arrows.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, .figure")) return;
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
