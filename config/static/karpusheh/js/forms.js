// Forms: six cells of a code, warning before unsaved writing is lost, no second sending, reasons of resting buttons, toasts.
(function () {
  "use strict";
  const persian = document.documentElement.lang === "fa";
  const ascii = (text) => text.replace(/[۰-۹]/g, (d) => d.charCodeAt(0) - 0x6f0).replace(/[٠-٩]/g, (d) => d.charCodeAt(0) - 0x660);
  const local = (text) => (persian ? text.replace(/[0-9]/g, (d) => String.fromCharCode(0x6f0 + Number(d))) : text);

  function dress(input) {
    const count = Number(input.dataset.cells);
    const frame = document.createElement("div");
    const focused = document.activeElement === input || input.autofocus;
    frame.className = "k-cells";
    input.before(frame);
    frame.append(input);
    const cells = Array.from({ length: count }, () => {
      const cell = document.createElement("span");
      cell.className = "k-cell-box";
      cell.setAttribute("aria-hidden", "true");
      frame.append(cell);
      return cell;
    });
    input.maxLength = count + 4; // room for pasted spaces
    input.classList.add("is-dressed");
    const draw = () => {
      const clean = ascii(input.value).replace(/\D/g, "").slice(0, count);
      if (clean !== input.value) input.value = clean;
      cells.forEach((cell, at) => {
        cell.textContent = local(clean[at] || "");
        cell.classList.toggle("is-next", at === Math.min(clean.length, count - 1));
      });
    };
    const end = () => input.setSelectionRange(input.value.length, input.value.length);
    input.addEventListener("input", draw);
    input.addEventListener("focus", end);
    input.addEventListener("click", end);
    draw();
    // An element that is moved loses the focus; by the next frame the browser has given it, if it had not yet.
    if (focused) requestAnimationFrame(() => document.activeElement === document.body && input.focus());
  }

  // A browser's own file button speaks the browser's language; ours speaks the page's.
  function dressFile(input) {
    const label = document.createElement("label");
    label.className = "k-file";
    const button = document.createElement("span");
    button.className = "btn btn-secondary";
    button.textContent = input.dataset.choose;
    const chosen = document.createElement("bdi");
    chosen.className = "k-hint";
    input.before(label);
    input.classList.add("is-dressed", "visually-hidden");
    label.append(input, button, chosen);
    const tell = () => (chosen.textContent = [...input.files].map((file) => file.name).join("، ") || input.dataset.none);
    input.addEventListener("change", tell);
    tell();
  }

  function toast(text) {
    const place = document.getElementById("toasts");
    const box = document.createElement("div");
    box.className = "k-toast";
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", place.dataset.close);
    close.addEventListener("click", () => box.remove());
    box.append(words, close);
    place.replaceChildren(box);
  }

  const dirty = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.hasAttribute("data-guard")) return;
    dirty.add(form);
    // What shows the form as it was saved says so by its look: data-stale-of="<the form's id>".
    document.querySelectorAll(`[data-stale-of="${form.id}"]`).forEach((element) => element.classList.add("k-stale"));
  });
  addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    dirty.delete(form);
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault(); // a second press sends nothing twice
      return;
    }
    if ([...form.attributes].some((attribute) => attribute.name.startsWith("hx-"))) return;
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll('[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
  });
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest('[aria-disabled="true"]');
      if (!button) return;
      event.preventDefault();
      event.stopPropagation();
      if (button.dataset.why) toast(button.dataset.why);
    },
    true,
  );

  // A refusal of our own comes as a page; in an exchanged part of a page it is told, and nothing is exchanged.
  function problem(xhr) {
    const page = new DOMParser().parseFromString(xhr.responseText || "", "text/html");
    return page.querySelector("[data-problem]")?.textContent.trim() || document.getElementById("toasts").dataset.failed;
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.getResponseHeader("X-Problem")) return;
    event.detail.shouldSwap = false;
    toast(problem(event.detail.xhr));
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.getResponseHeader("X-Problem")) toast(problem(event.detail.xhr));
  });
  document.addEventListener("htmx:sendError", () => toast(document.getElementById("toasts").dataset.failed));
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.detail.elt));

  function prepare(root) {
    root.querySelectorAll("input[data-cells]:not(.is-dressed)").forEach(dress);
    root.querySelectorAll("input[data-choose]:not(.is-dressed)").forEach(dressFile);
    root.querySelector("[data-focus]")?.focus();
  }
  window.karpusheh = { toast };
  prepare(document);
})();
