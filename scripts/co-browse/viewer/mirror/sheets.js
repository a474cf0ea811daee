import { withGaps } from "./gaps.js";

/** Sheets that pages made by script, by the numbers that their recorder gave them. */
const made = new Map();

/** Another page is shown, which has sheets of its own. */
export function forgetSheets() {
  made.clear();
  document.adoptedStyleSheets = withGaps([]);
}

/** Changes style sheets as the shared page's scripts did. */
export function changeSheet(nodes, data) {
  const sheet = data.styleId !== undefined && made.has(data.styleId)
    ? made.get(data.styleId)
    : nodes.get(data.id)?.sheet;
  try {
    if (data.styleIds) return adopt(nodes, data);
    if (!sheet) return;
    if (data.set) return ruleAt(sheet, data.index).style.setProperty(...valuesOf(data.set));
    if (data.remove) return ruleAt(sheet, data.index).style.removeProperty(data.remove.property);
    if (typeof data.replaceSync === "string") return sheet.replaceSync(data.replaceSync);
    for (const { index } of data.removes ?? []) holderOf(sheet, index).deleteRule(last(index));
    for (const { rule, index } of data.adds ?? []) {
      holderOf(sheet, index).insertRule(rule, last(index) ?? 0);
    }
  } catch {
    // A rule that this browser does not know; the page looks a little different.
  }
}

function adopt(nodes, { id, styleIds, styles = [] }) {
  for (const { styleId, rules } of styles) {
    const sheet = new CSSStyleSheet();
    for (const { rule, index } of rules) sheet.insertRule(rule, index);
    made.set(styleId, sheet);
  }
  const host = nodes.get(id);
  const root = host?.shadowRoot ?? host;
  if (root && "adoptedStyleSheets" in root) {
    root.adoptedStyleSheets = withGaps(styleIds.flatMap((one) => made.get(one) ?? []));
  }
}

function valuesOf({ property, value, priority }) {
  return [property, value ?? "", priority ?? ""];
}

/** A rule in a rule has a path of numbers. */
function holderOf(sheet, index) {
  if (!Array.isArray(index)) return sheet;
  return index.slice(0, -1).reduce((holder, at) => holder.cssRules[at], sheet);
}

function ruleAt(sheet, index) {
  return holderOf(sheet, index).cssRules[last(index)];
}

function last(index) {
  return Array.isArray(index) ? index.at(-1) : index;
}
