// What a person who uses a keyboard, a screen reader or weak eyes would stumble over. Returns sentences.
() => {
  const faults = [];
  const shown = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const say = (node) => `<${node.tagName.toLowerCase()} id="${node.id}" class="${node.className}"> ${node.textContent.trim().slice(0, 40)}`;
  const rgba = (css) => {
    const [r, g, b, a = 1] = css.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const ground = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255, a: 1 };
  };
  const luminance = ({ r, g, b }) => {
    const linear = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };

  if (!document.documentElement.lang) faults.push("the page has no language");
  if (document.querySelectorAll("main").length !== 1) faults.push("there is not exactly one main landmark");
  if (document.querySelectorAll("h1").length !== 1) faults.push("there is not exactly one main heading");
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth - innerWidth} px too wide`);
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  if (new Set(ids).size !== ids.length) faults.push("an id is used twice");

  for (const node of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(node) || node.classList.contains("skip")) continue;
    const label = [...(node.labels ?? [])].map((each) => each.textContent).join(" ");
    const name = [node.getAttribute("aria-label"), label, node.matches("input, select, textarea") ? "" : node.textContent].join(" ").trim();
    if (!name) faults.push(`nothing names ${say(node)}`);
    const isInText = node.matches("p a, li a, .lede a");
    const target = node.type === "checkbox" ? node.closest("label") : node;
    if (!isInText && target.getBoundingClientRect().height < 40) faults.push(`too small a target: ${say(node)}`);
  }

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(node) || node.closest("kbd, .visually-hidden, .skip, option, script, :disabled")) continue;
    const style = getComputedStyle(node);
    const ratio = contrast(rgba(style.color), ground(node));
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${say(node)}`);
  }
  return faults;
}
