/** What stands at the place of something that its recorder could not mirror. */
const WORDS = {
  closed: "A part that shows itself to nobody else",
  drawing: "A picture that is drawn by a script",
  film: "A film",
  frame: "A page within this page",
  picture: "A picture",
  private: "A part that is kept private",
};

/** A mark that no page of its own accord has, for the style. */
const MARK = "data-writ-gap";

const sheet = new CSSStyleSheet();
sheet.replaceSync(
  Object.entries(WORDS).map(([kind, words]) =>
    `[${MARK}="${kind}"]:not(img[src]) {
      background: url("${pictureOf(words)}") 0 0 / 100% 100% no-repeat #f1f3f4 !important; }`
  ).join("\n"),
);

/** Sheets of a page or a shadow in it, and the one for gaps. */
export function withGaps(sheets) {
  return [...sheets, sheet];
}

/** Says at an element that what belongs there is not shown, for eyes and for screen readers. */
export function sayGap(element, kind) {
  if (!Object.hasOwn(WORDS, kind)) return;
  const own = element.getAttribute("aria-label") ?? element.getAttribute("alt") ??
    element.getAttribute("title");
  const words = `${WORDS[kind]}: not shown`;
  // They would lie over the words.
  element.removeAttribute("controls");
  element.setAttribute(MARK, kind);
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", own ? `${own}. ${words}` : words);
}

/** A hatched ground, with words where there is room for them. */
function pictureOf(words) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%">
    <style>text { font: 600 14px system-ui, sans-serif; fill: #3c4043; text-anchor: middle; }
      @media (max-width: ${words.length * 8}px), (max-height: 44px) { text { display: none; } }
    </style>
    <pattern id="p" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="6" height="12" fill="#dfe3e6"/></pattern>
    <rect width="100%" height="100%" fill="url(#p)"/>
    <text x="50%" y="50%" dy="-3">${words}</text>
    <text x="50%" y="50%" dy="16">not shown</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
