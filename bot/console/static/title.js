// The title says the headline, so that a tab in the background tells when someone needs help.
(() => {
  document.addEventListener("htmx:after:swap", () => {
    const headline = document.querySelector("h1");
    if (headline) document.title = `${headline.textContent} · Northstar`;
  });
})();
