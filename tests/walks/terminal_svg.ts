/** Columns that are shown; what is longer is cut. */
export const COLUMNS = 112;

/** Pixels. */
const [FONT, COLUMN, LINE, MARGIN] = [13, 7.8, 19, 22];
const BAR = 30;

/** What is drawn in which colour, by the first that fits. */
const COLOURS: readonly (readonly [RegExp, string])[] = [
  [/^\$ /, "command"],
  [/^ ✓ /, "good"],
  [/^ ✗ /, "bad"],
  [/^\d\. /, "title"],
  [/^ {5}/, "detail"],
];

/**
 * Draws what a terminal showed as an SVG. The same text gives the same bytes.
 *
 * @param label What it shows, for whoever cannot see it.
 */
export function terminalSvg(lines: readonly string[], label: string): string {
  const width = Math.ceil(COLUMNS * COLUMN) + 2 * MARGIN;
  const height = BAR + lines.length * LINE + MARGIN;
  const rows = lines.map((line, i) => row(cut(line), BAR + (i + 1) * LINE)).filter(Boolean);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"
  aria-label="${escaped(label)}">
  <style>
  text { font: ${FONT}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d1d5db; white-space: pre; }
  .command { fill: #f9fafb; font-weight: 600; }
  .title { fill: #93c5fd; font-weight: 600; }
  .good { fill: #86efac; }
  .bad { fill: #fca5a5; }
  .detail { fill: #9ca3af; }
  </style>
  <rect width="${width}" height="${height}" rx="8" fill="#111827"/>
  <circle cx="20" cy="16" r="5" fill="#4b5563"/>
  <circle cx="38" cy="16" r="5" fill="#4b5563"/>
  <circle cx="56" cy="16" r="5" fill="#4b5563"/>
${rows.join("\n")}
</svg>
`;
}

function row(line: string, y: number): string {
  if (line.trim() === "") return "";
  const colour = COLOURS.find(([form]) => form.test(line))?.[1];
  const style = colour === undefined ? "" : ` class="${colour}"`;
  // Its length is said, so that no font of a reader moves what stands in columns.
  const length = ([...line].length * COLUMN).toFixed(1);
  return `  <text x="${MARGIN}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"` +
    ` xml:space="preserve"${style}>${escaped(line)}</text>`;
}

function cut(line: string): string {
  const characters = [...line];
  return characters.length <= COLUMNS ? line : characters.slice(0, COLUMNS - 1).join("") + "…";
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
