// Counts down the seconds that the server named in data-countdown, so that the device's clock need not be right.
(function () {
  "use strict";
  const persian = document.documentElement.lang === "fa";
  const local = (text) => (persian ? text.replace(/[0-9]/g, (d) => String.fromCharCode(0x6f0 + Number(d))) : text);

  document.querySelectorAll("[data-countdown]").forEach((element) => {
    const end = performance.now() + Number(element.dataset.countdown) * 1000;
    const timer = setInterval(tick, 1000);
    function tick() {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left > 0) {
        element.textContent = local(`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
        return;
      }
      clearInterval(timer);
      const line = element.parentElement;
      line.textContent = element.dataset.over;
      line.className = "tone-signal";
      line.setAttribute("role", "status");
    }
  });
})();
