/**
 * Whether JSON nests deeper than a limit. Counts brackets outside strings, so that the depth is
 * bounded before a parser, or whoever walks its result, recurses.
 *
 * @param text Need not be JSON: what is malformed is left to the parser.
 * @param limit Levels of objects and arrays inside one another.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  return exceeds(text, { depth: limit, containers: Infinity }) === "depth";
}

/**
 * Which limit JSON goes beyond first, if any. Parsing a million empty objects keeps a processor
 * busy for a third of a second; counting their brackets takes a hundredth of one.
 *
 * @param text As {@linkcode isDeeperThan} takes it.
 * @param limits Levels of objects and arrays inside one another, and how many there are in all.
 */
export function exceeds(
  text: string,
  limits: { depth: number; containers: number },
): "depth" | "containers" | undefined {
  let depth = 0;
  let containers = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22 /* " */) i = endOfString(text, i + 1);
    else if (c === 0x7b /* { */ || c === 0x5b /* [ */) {
      if (++depth > limits.depth) return "depth";
      if (++containers > limits.containers) return "containers";
    } else if (c === 0x7d /* } */ || c === 0x5d /* ] */) depth--;
  }
  return undefined;
}

/** Where the string that begins here ends: at its quote, or with the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (end - slashes > start && text.charCodeAt(end - slashes - 1) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
