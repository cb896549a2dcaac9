// Single keys press what carries them (data-key). They stay silent while somebody types, and can be switched off.
(() => {
  const SETTING = "northstar-keys";
  const dialog = document.getElementById("keys");
  const toggle = document.getElementById("keys-on");
  const show = document.getElementById("show-keys");
  const areOn = () => localStorage.getItem(SETTING) !== "off";
  const reflect = () => {
    document.body.classList.toggle("no-keys", !areOn());
    toggle.checked = areOn();
  };

  show.hidden = false;
  show.addEventListener("click", () => dialog.showModal());
  toggle.addEventListener("change", () => {
    localStorage.setItem(SETTING, toggle.checked ? "on" : "off");
    reflect();
  });
  reflect();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || !areOn()) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?") {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    const field = event.key === "r" ? document.getElementById("reply") : null;
    if (!target && !field) return;
    event.preventDefault();
    if (field) field.focus();
    else target.click();
  });
})();
