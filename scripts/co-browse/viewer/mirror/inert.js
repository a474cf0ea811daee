/**
 * What of a page is shown, and that nothing of it does anything: no script, no frame, no address that
 * a browser would go to or load. The page's policy, which allows neither script nor foreign address,
 * holds whatever slips through here.
 */

const SVG = "http://www.w3.org/2000/svg";

/** Elements in whose place an empty one stands, so that others keep their places. */
const REPLACED = new Set([
  "applet",
  "base",
  "embed",
  "fencedframe",
  "frame",
  "frameset",
  "iframe",
  "link",
  "meta",
  "noscript",
  "object",
  "portal",
  "script",
  "template",
]);

/** Attributes that lead or load somewhere, run something, or take the keyboard. */
const LEFT_OUT = new Set([
  "accesskey",
  "action",
  "archive",
  "attributionsrc",
  "autocomplete",
  "autofocus",
  "autoplay",
  "background",
  "cite",
  "classid",
  "code",
  "codebase",
  "content",
  "data",
  "dynsrc",
  "form",
  "formaction",
  "href",
  "http-equiv",
  "imagesrcset",
  "integrity",
  "is",
  "longdesc",
  "lowsrc",
  "manifest",
  "nonce",
  "ping",
  "poster",
  "profile",
  "shadowrootmode",
  "sizes",
  "src",
  "srcdoc",
  "srcset",
  "target",
  "usemap",
  "xlink:href",
]);

/** Fields into which this browser would offer to write what it knows of its own person. */
const FIELDS = new Set(["form", "input", "select", "textarea"]);
/** A form answers with what of these is called so in it, */
const IN_FORMS = new Set(["button", "fieldset", "img", "input", "output", "select", "textarea"]);
/** and a document with what of these has such a name, in place of its own. */
const IN_DOCUMENTS = new Set(["form", "img"]);

const EMBEDDED_IMAGE = /^data:image\//i;

/** An element as it is shown; `link` with the text of its style sheet is a `style`. */
export function inertElement(document, { tagName, isSVG, attributes = {} }) {
  const name = String(tagName).toLowerCase();
  if (typeof attributes._cssText === "string" && (name === "link" || name === "style")) {
    const style = document.createElement("style");
    style.textContent = attributes._cssText;
    return style;
  }
  if (REPLACED.has(name.slice(name.indexOf(":") + 1))) {
    const box = document.createElement("writ-box");
    if (name === "iframe" || name === "frame" || attributes.rr_gap) {
      box.style.display = "inline-block";
    } else box.hidden = true;
    return box;
  }
  try {
    if (isSVG) return document.createElementNS(SVG, tagName);
    const element = document.createElement(name);
    if (FIELDS.has(name)) element.setAttribute("autocomplete", "off");
    return element;
  } catch {
    return document.createElement("writ-box");
  }
}

/** Whether an element, called so, would stand in place of something by which the mirror works. */
function isTaken({ localName }, attribute, name) {
  if (attribute !== "id" && attribute !== "name") return false;
  if (IN_FORMS.has(localName) && (name in Element.prototype || name === "style")) return true;
  return attribute === "name" && IN_DOCUMENTS.has(localName) && name in Document.prototype;
}

/** Gives an element an attribute, as far as that does nothing. `null` takes it away. */
export function setAttribute(element, name, value) {
  const lower = name.toLowerCase();
  if (value === null || value === false) return element.removeAttribute(safeName(name));
  const text = value === true ? "" : String(value);
  if (lower === "rr_dataurl" && EMBEDDED_IMAGE.test(text)) return element.setAttribute("src", text);
  if (lower === "rr_width" || lower === "rr_height") {
    // Of the whole box, with what is inside of its border.
    element.style.setProperty("box-sizing", "border-box");
    return element.style.setProperty(lower.slice("rr_".length), text);
  }
  if (lower.startsWith("rr_") || lower.startsWith("on") || lower === "_csstext") return;
  if (lower === "href" && element.localName === "a") return element.setAttribute("href", "#");
  if (lower.endsWith("href") && text.startsWith("#")) return element.setAttribute("href", text);
  if (lower === "src" && EMBEDDED_IMAGE.test(text)) return element.setAttribute("src", text);
  if (LEFT_OUT.has(lower)) return;
  if (isTaken(element, lower, text)) return;
  if (lower === "style" && typeof value === "object") return setStyles(element, value);
  try {
    element.setAttribute(name, text);
  } catch {
    // A name that only a parser of pages can make.
    return;
  }
  if (lower === "value" && "value" in element && element.localName !== "li") element.value = text;
  if (lower === "checked") element.checked = true;
}

function safeName(name) {
  return /^[\w:.-]+$/.test(name) ? name : "data-none";
}

function setStyles(element, styles) {
  for (const [property, value] of Object.entries(styles)) {
    if (value === false) element.style.removeProperty(property);
    else if (Array.isArray(value)) element.style.setProperty(property, ...value);
    else element.style.setProperty(property, String(value));
  }
}
