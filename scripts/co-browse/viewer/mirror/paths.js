/** Made up anew with each load by some pages: no name to find an element by elsewhere. */
const LASTING_ID = /^[A-Za-z][A-Za-z_-]{0,40}[0-9]{0,2}$/;

/**
 * What names an element in every browser that has the same page; nothing in frames and shadows, which
 * are built otherwise here.
 */
export function pathOf(element) {
  if (element.getRootNode() !== document) return undefined;
  const { id, parentElement, localName } = element;
  if (LASTING_ID.test(id) && document.querySelectorAll(`#${id}`).length === 1) return `#${id}`;
  if (localName === "writ-box") return undefined;
  if (!parentElement) return localName;
  const outer = pathOf(parentElement);
  const alike = [...parentElement.children].filter((one) => one.localName === localName);
  const place = alike.length > 1 ? `:nth-of-type(${alike.indexOf(element) + 1})` : "";
  return outer && `${outer} > ${CSS.escape(localName)}${place}`;
}
