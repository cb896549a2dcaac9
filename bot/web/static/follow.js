// Conversations: stay at the newest message, unless somebody scrolled up to read.
(() => {
  const near = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const boxes = () => document.querySelectorAll("[data-follow]");
  const toEnd = (box) => { box.scrollTop = box.scrollHeight; };
  const following = new WeakMap();

  boxes().forEach(toEnd);
  document.addEventListener("htmx:before:swap", () => boxes().forEach((box) => following.set(box, near(box))));
  document.addEventListener("htmx:after:swap", () => boxes().forEach((box) => {
    if (following.get(box) !== false) toEnd(box);
  }));
})();
