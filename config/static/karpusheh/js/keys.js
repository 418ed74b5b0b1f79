// Keys for clerks, by the place of the key, so that a Persian layout works. They rest in text fields.
//
// data-key="KeyR" on a link or button clicks it, on a field it takes the focus; "KeyG KeyW" is one after the other;
// "Ctrl+Enter" works in fields too. J and K, or arrows, move in the list marked data-rows.
(function () {
  "use strict";
  let first = "";
  let firstAt = 0;

  const name = (key) =>
    key
      .replaceAll("Key", "")
      .replaceAll("Digit", "")
      .replaceAll("Slash", "/")
      .split(" ");

  function isWriting(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function visible(element) {
    return element.getClientRects().length > 0 && element.getAttribute("aria-disabled") !== "true";
  }

  function press(key) {
    const element = [...document.querySelectorAll(`[data-key="${key}"]`)].find(visible);
    if (!element) return false;
    if (isWriting(element)) {
      element.focus();
      element.select?.();
    } else element.click();
    return true;
  }

  function move(step) {
    const rows = [...document.querySelectorAll("[data-rows] .k-row")].filter(visible);
    if (!rows.length) return false;
    const here = rows.indexOf(document.activeElement.closest?.(".k-row"));
    const current = here >= 0 ? here : rows.findIndex((row) => row.matches('.is-selected, [aria-current="true"]'));
    rows[Math.min(Math.max(current + step, 0), rows.length - 1)].focus();
    return true;
  }

  function openList() {
    const dialog = document.getElementById("keys");
    if (!dialog || dialog.open) return;
    const list = dialog.querySelector("dl");
    const lines = [...document.querySelectorAll("[data-key]")].filter(visible).map((element) => {
      const term = document.createElement("dt");
      term.append(
        ...name(element.dataset.key).map((part) => {
          const key = document.createElement("kbd");
          key.className = "k-kbd";
          key.textContent = part;
          return key;
        }),
      );
      const words = document.createElement("dd");
      words.textContent =
        element.dataset.keyLabel || element.getAttribute("aria-label") || element.title || element.labels?.[0]?.textContent || element.textContent.trim();
      return [term, words];
    });
    list.replaceChildren(...lines.flat());
    dialog.showModal();
  }

  document.addEventListener("click", (event) => event.target.closest("[data-keys-open]") && openList());
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      if (event.code === "Enter" && press("Ctrl+Enter")) event.preventDefault();
      return;
    }
    if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
    let done = false;
    if (event.code === "Slash" && event.shiftKey) done = openList() ?? true;
    else if (event.shiftKey) return;
    else if (event.code === "KeyJ" || event.code === "ArrowDown") done = move(1);
    else if (event.code === "KeyK" || event.code === "ArrowUp") done = move(-1);
    else if (first && Date.now() - firstAt < 1500) done = press(`${first} ${event.code}`);
    if (!done && document.querySelector(`[data-key^="${event.code} "]`)) {
      first = event.code;
      firstAt = Date.now();
      done = true;
    } else {
      first = "";
      if (!done) done = press(event.code);
    }
    if (done) event.preventDefault();
  });
})();
