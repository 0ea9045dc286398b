// Handles on a plot: sliders to drag, or to move by the arrow keys.

export function place(element, { left, width }) {
  element.style.left = `${left}px`;
  element.style.width = `${width}px`;
}

// One handle in the plot's own box. `events`: move(handle, x, y), nudge(handle, right,
// up, far), remove(index), toValues(left, top), freeze(isDragging).
export function handleOf(over, { kind, name, index }, events) {
  const element = document.createElement("div");
  element.className = `handle handle-${kind}`;
  element.tabIndex = 0;
  element.setAttribute("role", "slider");
  element.setAttribute("aria-label", name);
  if (kind === "peak") element.dataset.number = index + 1;
  over.append(element);

  const handle = {
    kind,
    name,
    index,
    focus: () => element.focus(),
    hide: () => (element.hidden = true),
    choose: (isChosen) => element.classList.toggle("is-chosen", isChosen),
    put(left, top, reach = 0) {
      element.hidden = false;
      element.style.setProperty("--reach", `${reach}px`);
      element.style.left = `${left}px`;
      element.style.top = `${top}px`;
    },
    tell(words, { min, max, now }) {
      element.setAttribute("aria-valuemin", min);
      element.setAttribute("aria-valuemax", max);
      element.setAttribute("aria-valuenow", now);
      element.setAttribute("aria-valuetext", words);
    },
  };

  const drag = (event) => {
    const box = over.getBoundingClientRect();
    const [x, y] = events.toValues(event.clientX - box.left, event.clientY - box.top);
    events.move(handle, x, y);
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    events.freeze(true);
    element.addEventListener("pointermove", drag);
  });
  const drop = () => {
    element.removeEventListener("pointermove", drag);
    events.freeze(false);
  };
  element.addEventListener("lostpointercapture", drop);
  // The plot below would take the press for the beginning of a zoom.
  element.addEventListener("mousedown", (event) => event.stopPropagation());
  element.addEventListener("dblclick", (event) => event.stopPropagation());
  element.addEventListener("keydown", (event) => {
    const right = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0;
    if (right || up) {
      event.preventDefault();
      event.stopPropagation();
      events.nudge(handle, right, up, event.shiftKey);
    } else if ((event.key === "Delete" || event.key === "Backspace") && kind === "peak") {
      event.preventDefault();
      events.remove(index);
    }
  });
  return handle;
}
