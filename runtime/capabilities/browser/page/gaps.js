// What cannot be mirrored, so that it can be said at its place, in the room that it takes.
((page) => {
  const FRAME = "iframe, frame, object, embed, fencedframe";
  const hasRoom = ({ width, height }) => width > 0 && height > 0;
  const isShown = (node) => {
    const range = document.createRange();
    range.selectNode(node);
    return [...range.getClientRects()].some(hasRoom);
  };

  // An element of the page's own making that takes room, and shows nothing that can be read.
  const isClosed = (element) =>
    page.read(Element, "localName", element).includes("-") && page.matches(element, ":defined") &&
    !element.shadowRoot && ![...element.childNodes].some(isShown);

  function kindOf(element, { rr_dataURL: picture }) {
    if (page.matches(element, "canvas")) return "drawing";
    if (page.matches(element, "video")) return "film";
    if (page.matches(element, "img")) return picture ? undefined : "picture";
    if (page.matches(element, FRAME)) return element.contentDocument ? undefined : "frame";
    return isClosed(element) ? "closed" : undefined;
  }

  // What the mirror is told of it, besides its own attributes.
  page.gapIn = (element, attributes) => {
    const kind = kindOf(element, attributes);
    const box = kind && element.getBoundingClientRect();
    if (!box || !hasRoom(box)) return {};
    return { rr_gap: kind, rr_width: `${box.width}px`, rr_height: `${box.height}px` };
  };
});
