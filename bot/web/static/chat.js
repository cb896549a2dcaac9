// The chat: Enter sends (Shift+Enter is a new line), what was sent leaves the field, each message has its own id.
(() => {
  const form = document.getElementById("type");
  const text = document.getElementById("text");
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (text.value.trim()) form.requestSubmit();
  });
  document.addEventListener("htmx:after:request", (event) => {
    if (event.target !== form || !event.detail.ctx?.response?.raw?.ok) return;
    text.value = "";
    form.elements.once.value = crypto.randomUUID?.() ?? "";
    text.focus();
  });
})();
