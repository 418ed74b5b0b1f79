// "Look again": one socket tells which letters changed, and the elements that show them ask for themselves anew.
//
// An element with data-live-topic="letter:<id>" (several by comma, "letter:*" for all) and hx-get gets the event "live";
// give it hx-trigger="live, every 30s", so that it also works when no socket can be had.
(function () {
  "use strict";
  const meta = document.querySelector('meta[name="live-seq"]');
  if (!meta) return;
  let cursor = meta.content;
  let socket = null;
  let wait = 500;
  let lastWord = 0;
  const waiting = new Map();

  function show(state) {
    document.querySelectorAll("[data-live-state]").forEach((element) => {
      if (element.dataset.liveState === state && !element.hidden) return;
      element.dataset.liveState = state;
      element.hidden = false;
      const word = element.querySelector(".k-live-word");
      if (word) word.textContent = element.dataset[state];
    });
  }

  function matches(pattern, topic) {
    return pattern === topic || (pattern.endsWith("*") && topic.startsWith(pattern.slice(0, -1)));
  }

  // The first news is shown at once. Many letters of one run change together: after it, one request per element and
  // second is enough, and the last news is always followed by one.
  function refresh(element, news) {
    // By its id, because the answer may have put another element in its place.
    const key = element.id || element;
    if (waiting.has(key)) {
      waiting.set(key, news);
      return;
    }
    if (element.isConnected && window.htmx) htmx.trigger(element, "live", news);
    waiting.set(key, null);
    setTimeout(() => {
      const later = waiting.get(key);
      waiting.delete(key);
      const present = element.id ? document.getElementById(element.id) : element;
      if (later && present) refresh(present, later);
    }, 1000);
  }

  function look(news) {
    document.dispatchEvent(new CustomEvent("karpusheh:live", { detail: news }));
    document.querySelectorAll("[data-live-topic]").forEach((element) => {
      const patterns = element.dataset.liveTopic.split(",").map((part) => part.trim());
      if (!patterns.some((pattern) => matches(pattern, news.topic))) return;
      refresh(element, news);
    });
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/ws/?after=${encodeURIComponent(cursor)}`);
    socket.addEventListener("message", (event) => {
      lastWord = Date.now();
      const news = JSON.parse(event.data);
      if (news.hello) {
        wait = 500;
        show("on");
      }
      // "hello" tells the head, not what we have seen: only news moves the cursor, or a gap would be lost.
      if (news.topic) {
        cursor = news.seq;
        look(news);
      }
    });
    socket.addEventListener("close", () => {
      socket = null;
      show("off");
      setTimeout(connect, wait + Math.random() * 300);
      wait = Math.min(wait * 2, 30000);
    });
  }

  // Beats come every 25 seconds; a socket silent for longer is dead without knowing it.
  setInterval(() => {
    if (socket && socket.readyState === WebSocket.OPEN && Date.now() - lastWord > 60000) socket.close();
  }, 10000);
  addEventListener("pagehide", () => socket && socket.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  connect();
})();
