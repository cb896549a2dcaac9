// The reply box: drafts survive a reload, segments are counted while typing, Ctrl+Enter sends, and sends once.
(() => {
  const key = (box) => `northstar-draft-${box.dataset.draft}`;
  const ready = new WeakSet();

  // As bot/channels/twilio/segments.py counts.
  const segments = (text, gsm, extended) => {
    let septets = 0;
    for (const character of text) {
      if (extended.includes(character)) septets += 2;
      else if (gsm.includes(character)) septets += 1;
      else return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
    }
    return septets <= 160 ? 1 : Math.ceil(septets / 153);
  };

  const count = (box) => {
    const cost = document.getElementById("cost");
    const left = box.maxLength - box.value.length;
    const parts = [];
    if (box.dataset.billed === "yes") {
      const number = box.value ? segments(box.value, box.dataset.gsm7, box.dataset.gsm7Extended) : 0;
      parts.push(`${number} ${number === 1 ? "segment" : "segments"}`);
    }
    if (left < 200) parts.push(`${left} characters left`);
    if (cost && parts.length) cost.textContent = parts.join(" · ");
  };

  const prepare = () => {
    const box = document.getElementById("reply");
    if (!box || ready.has(box)) return;
    ready.add(box);
    // Who types before this script has come keeps what they typed.
    if (box.value) localStorage.setItem(key(box), box.value);
    else box.value = localStorage.getItem(key(box)) || "";
    count(box);
    box.addEventListener("input", () => {
      localStorage.setItem(key(box), box.value);
      count(box);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        box.form.requestSubmit();
      }
      if (event.key === "Escape") box.blur();
    });
    box.form.addEventListener("submit", () => {
      box.form.querySelector("[data-send]").disabled = true;
    });
  };

  // "Sent" was answered: the draft has done its work. Said once, so that a reload keeps a new draft.
  const asked = new URLSearchParams(location.search).get("notice");
  if (asked) {
    const box = document.getElementById("reply");
    if (asked === "sent" && box) localStorage.removeItem(key(box));
    history.replaceState(null, "", location.pathname);
    if (asked === "claimed" && box) box.focus();
  }
  prepare();
  document.addEventListener("htmx:after:swap", prepare);
})();
