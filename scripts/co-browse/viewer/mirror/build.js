import { sayGap, withGaps } from "./gaps.js";
import { inertElement, setAttribute } from "./inert.js";

/** Kinds of nodes, as rrweb counts them. */
const KIND = { document: 0, element: 2, text: 3, cdata: 4 };

/**
 * Makes a node of the mirror, with all that is in it.
 *
 * @param nodes Told of each node.
 * @param scrolled Told of elements that are scrolled, to be set once they are laid out.
 */
export function build(serialized, nodes, scrolled) {
  const node = make(serialized);
  nodes.add(serialized.id, node);
  if (serialized.type !== KIND.element) return node;
  const { attributes = {}, childNodes = [] } = serialized;
  if (serialized.isShadowHost && !node.shadowRoot) attachShadow(node);
  for (const child of childNodes) insert(node, build(child, nodes, scrolled), child, null);
  // Once the choices are there, the chosen one can be.
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  sayGap(node, attributes.rr_gap);
  const { rr_scrollLeft: left = 0, rr_scrollTop: top = 0 } = attributes;
  if (left || top) scrolled.push({ node, left, top });
  return node;
}

/** Puts a node where it belongs: into the shadow of a parent, or before a sibling. */
export function insert(parent, node, { isShadow }, before) {
  const target = isShadow ? parent.shadowRoot ?? attachShadow(parent) : parent;
  if (!target) return;
  // The text of a style sheet was set as a whole.
  if (target.localName === "style" && target.textContent) return;
  target.insertBefore(node, before?.parentNode === target ? before : null);
}

/** The page in a frame is shown in the shadow of what stands for the frame. */
export function buildFrame(box, serialized, nodes, scrolled) {
  const root = box.shadowRoot ?? attachShadow(box);
  if (!root) return;
  root.replaceChildren();
  nodes.add(serialized.id, root);
  for (const child of serialized.childNodes ?? []) {
    if (child.type === KIND.element) root.append(build(child, nodes, scrolled));
  }
}

function make({ type, textContent = "", ...rest }) {
  if (type === KIND.element) return inertElement(document, rest);
  if (type === KIND.text || type === KIND.cdata) return document.createTextNode(textContent);
  return document.createComment("");
}

function attachShadow(element) {
  try {
    const root = element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = withGaps([]);
    return root;
  } catch {
    return null;
  }
}
