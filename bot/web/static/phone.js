// Handsets: choosing shows at once; what was sent leaves the field.
(() => {
  document.body.classList.add("scripted");
  document.querySelectorAll("form[data-auto]").forEach((form) => {
    form.addEventListener("change", () => form.requestSubmit());
  });
  document.addEventListener("htmx:after:request", (event) => {
    const form = event.target.closest?.("form[data-clear]");
    if (!form || !event.detail.ctx?.response?.raw?.ok) return;
    form.reset();
    form.querySelector("input[name=text]").focus();
  });
})();
