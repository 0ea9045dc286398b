// A page may hold many figures: each is drawn when it is about to be seen.
export function whenSeen(boxes, act) {
  const soon = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        soon.unobserve(entry.target);
        act(entry.target);
      }
    },
    { rootMargin: "300px" },
  );
  boxes.forEach((box) => soon.observe(box));
}
