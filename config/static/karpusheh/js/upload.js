// Sending files with progress: form[data-upload] with a <progress> inside .k-upload-state; data-upload="now" sends at once.
(function () {
  "use strict";

  function send(form) {
    const state = form.querySelector(".k-upload-state");
    const bar = form.querySelector("progress");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", (event) => {
      if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => {
      if (exchange(request, form)) return;
      if (request.status < 400) location.assign(request.responseURL);
      else answer(request, form);
    });
    request.addEventListener("error", () => {
      if (state) state.hidden = true;
      karpusheh.toast(document.getElementById("toasts").dataset.failed);
    });
    if (state) state.hidden = false;
    if (bar) bar.value = 0;
    request.send(new FormData(form));
  }

  // data-upload-parts="files checks": only these parts of the page are renewed, and what is being written beside them stays.
  function exchange(request, form) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const parts = (form.dataset.uploadParts || "").split(" ").filter((id) => id && page.getElementById(id));
    parts.forEach((id) => {
      const fresh = document.adoptNode(page.getElementById(id));
      document.getElementById(id)?.replaceWith(fresh);
      window.htmx?.process(fresh);
      fresh.querySelector("[data-focus]")?.focus();
    });
    return parts.length > 0;
  }

  function answer(request, form) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const words = page.querySelector("[data-problem], .k-error, .k-alert");
    form.querySelector(".k-upload-state")?.setAttribute("hidden", "");
    form.reset();
    karpusheh.toast(words ? words.textContent.trim().replace(/\s+/g, " ") : document.getElementById("toasts").dataset.failed);
  }

  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("form[data-upload]")) return;
      event.preventDefault();
      send(event.target);
    },
    true,
  );
  document.addEventListener("change", (event) => {
    if (event.target.matches('form[data-upload="now"] input[type="file"]') && event.target.files.length) send(event.target.form);
  });
  ["dragover", "dragleave", "drop"].forEach((kind) =>
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest?.("form[data-upload].k-upload");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
      if (kind !== "drop") return;
      zone.querySelector('input[type="file"]').files = event.dataTransfer.files;
      if (zone.dataset.upload === "now") send(zone);
    }),
  );
})();
