// Keys that press what carries their letter: [data-key], and [data-key-focus] for fields.

const FIELDS = "input, textarea, select, [contenteditable]";

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const target = event.target;
  const field = target.closest?.(FIELDS);
  const typing = field && field.type !== "checkbox" && field.type !== "radio";
  if (typing && field.value === "" && /^[1-9]$/.test(event.key)) {
    const quick = field.form?.querySelector(`[data-quick="${event.key}"]`);
    if (quick && "keyFocus" in field.dataset) {
      event.preventDefault();
      quick.click();
    }
    return;
  }
  if (typing) return;
  const key = CSS.escape(event.key.toLowerCase());
  const button = document.querySelector(`[data-key="${key}"]`);
  if (button) {
    event.preventDefault();
    button.click();
    return;
  }
  const wanted = document.querySelector(`[data-key-focus="${key}"]`);
  if (!wanted) return;
  event.preventDefault();
  const opened = document.querySelector(`[data-opened-by="${key}"]`);
  if (opened) opened.open = true;
  wanted.focus();
}

document.addEventListener("keydown", pressed);
