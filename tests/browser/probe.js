// What a page shows, as data for the tests: run in the page, returns plain values.
(language) => {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  // Marked as another language, as code, or as somebody's own words.
  const foreign = language === "fa" ? '[lang="en"], bdi, code, kbd, samp, pre, textarea, .k-code' : '[lang="fa"], bdi, textarea';
  const texts = [];
  const add = (text, element, where) => {
    const clean = text.replace(/\s+/g, " ").trim();
    if (clean && !element.closest(foreign)) texts.push({ text: clean, where });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element.closest("script, style, noscript, template, iframe") && shown(element)) {
      add(walker.currentNode.data, element, element.className?.baseVal ?? (element.className || element.tagName));
    }
  }
  const attributes = ["aria-label", "title", "placeholder", "alt", "data-label", "data-why", "data-on", "data-off", "data-close", "data-failed"];
  for (const name of attributes) document.querySelectorAll(`[${name}]`).forEach((element) => add(element.getAttribute(name), element, name));
  add(document.title, document.documentElement, "title");
  const wrong = language === "fa" ? /[A-Za-z]{2,}/ : /[\u0600-\u06ff]/;

  const inside = (element) => {
    const card = element.parentElement?.closest(".k-card, .k-sheet, .k-pane-read, .k-pane-side, .k-strip, main");
    if (!card) return true;
    const outer = card.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    return box.width === 0 || (box.left >= outer.left - 2 && box.right <= outer.right + 2);
  };
  const scrolled = (element) => {
    for (let up = element.parentElement; up; up = up.parentElement) {
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  const spilt = [...document.querySelectorAll("main *")]
    .filter((element) => !element.closest("svg, .visually-hidden, .k-skip") && shown(element) && !inside(element) && !scrolled(element))
    .map((element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 30)}"`);
  const root = document.documentElement;
  return {
    lang: root.lang,
    dir: root.dir,
    headings: [...document.querySelectorAll("h1")].filter(shown).length,
    overflow: document.scrollingElement.scrollWidth - root.clientWidth,
    spilt: spilt.slice(0, 5),
    strange: texts.filter((entry) => wrong.test(entry.text)),
  };
}
