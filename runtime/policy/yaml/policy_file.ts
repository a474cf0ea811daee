import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from "yaml";
import type { Mistake, PolicyCode } from "../errors.ts";

/** Bytes of one policy file. */
export const MAX_FILE_BYTES = 1 << 20;
/** Mappings and lists inside one another; a policy needs 6. */
const MAX_DEPTH = 16;
/** Characters of one mistake; what was found is cut off after them. */
const MAX_MESSAGE = 1_000;

/** What a mistake says besides where it is. */
export interface Finding {
  readonly code: PolicyCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The way from the root of a file to a value. */
export type Segments = readonly (string | number)[];

/** One policy file as a tree with positions, and the place where its mistakes are collected. */
export class PolicyFile {
  readonly name: string;
  readonly root: Node | null;
  readonly mistakes: Mistake[] = [];
  readonly warnings: Mistake[] = [];
  readonly #text: string;
  /** Where each line begins; found when the first mistake is. */
  #lineStarts: number[] | undefined;

  /**
   * Parses one YAML document, refusing what a policy may not use. Mistakes are collected, never
   * thrown; after a syntax mistake `root` is `null`.
   *
   * @param name the file's name as mistakes shall show it.
   * @param text the whole file.
   */
  constructor(name: string, text: string) {
    this.name = name;
    this.#text = text;
    this.root = this.#parse(text);
  }

  /** The node that `segments` lead to, or the last one on the way that exists. */
  find(segments: Segments): Node | null {
    let node = this.root;
    for (const segment of segments) {
      if (!isCollection(node)) break;
      const next = node.get(segment, true);
      if (!isNode(next)) break;
      node = next;
    }
    return node;
  }

  /** The keys that are written in the mapping at `segments`, whether or not their values hold. */
  keysAt(segments: Segments): string[] {
    const node = this.root && isCollection(this.root) ? this.root.getIn(segments, true) : undefined;
    return isMap(node) ? node.items.map((pair) => String((pair.key as Scalar).value)) : [];
  }

  /** Notes a mistake at the start of `node`, or for the whole file. */
  mistake(node: Node | number | null, keyPath: string, finding: Finding): void {
    this.mistakes.push(this.#located(node, keyPath, finding));
  }

  /** Notes something that is allowed and probably not what was meant. */
  warn(node: Node | number | null, keyPath: string, finding: Finding): void {
    this.warnings.push(this.#located(node, keyPath, finding));
  }

  #located(node: Node | number | null, keyPath: string, finding: Finding): Mistake {
    const offset = typeof node === "number" ? node : node?.range?.[0];
    const { line, column } = offset === undefined ? { line: 0, column: 0 } : this.#position(offset);
    const { code, hint } = finding;
    const message = shortened(finding.message);
    const place = { code, file: this.name, line, column, keyPath, message };
    return hint === undefined ? place : { ...place, hint };
  }

  /** Counted in the text itself: after a syntax error the parser's own count misses lines. */
  #position(offset: number): { line: number; column: number } {
    const starts = this.#lineStarts ??= [0, ...this.#text.matchAll(/\n/g).map((m) => m.index + 1)];
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: Math.max(0, offset) - starts[low]! + 1 };
  }

  #parse(text: string): Node | null {
    if (new TextEncoder().encode(text).length > MAX_FILE_BYTES) {
      this.mistake(null, "", {
        code: "too_large",
        message: `must be at most ${MAX_FILE_BYTES} bytes long`,
      });
      return null;
    }
    const deep = tooDeepAt(text);
    if (deep !== undefined) {
      this.mistake(deep, "", DEEP);
      return null;
    }
    const document = parseDocument(text, {
      schema: "failsafe",
      version: "1.2",
      stringKeys: true,
      prettyErrors: false,
      // With "silent" the parser would not say that there is a second document.
      logLevel: "error",
      // Ours is linear; the parser's own takes minutes for a file of many keys.
      uniqueKeys: false,
    });
    this.#refuseSyntax(document);
    if (this.mistakes.length === 0 && document.contents) this.#refuseFeatures(document.contents, 1);
    return this.mistakes.length === 0 ? document.contents : null;
  }

  #refuseSyntax(document: Document.Parsed): void {
    for (const error of document.errors) {
      this.mistake(error.pos[0], "", {
        code: error.code === "MULTIPLE_DOCS" ? "yaml_feature" : "yaml_syntax",
        message: error.code === "MULTIPLE_DOCS"
          ? "must hold one document only"
          : `must be YAML: ${lowerFirst(error.message)}`,
      });
    }
    if (document.directives?.yaml.explicit || document.warnings.length > 0) {
      this.mistake(0, "", { code: "yaml_feature", message: "must not use directives or tags" });
    }
  }

  #refuseFeatures(node: Node | Pair, depth: number): void {
    if (depth > MAX_DEPTH) return this.mistake(isPair(node) ? null : node, "", DEEP);
    if (isPair(node)) {
      for (const part of [node.key, node.value]) {
        if (part) this.#refuseFeatures(part as Node, depth);
      }
      return;
    }
    const used = isAlias(node)
      ? "an alias"
      : (isScalar(node) || isCollection(node)) && node.anchor
      ? "an anchor"
      : node.tag
      ? "a tag"
      : undefined;
    if (used) {
      this.mistake(node, "", {
        code: "yaml_feature",
        message: `must not use ${used}`,
        hint: "write the value out, in quotes where it starts with &, * or !",
      });
    }
    if (isCollection(node)) {
      for (const item of node.items) this.#refuseFeatures(item as Node | Pair, depth + 1);
    }
  }
}

const DEEP: Finding = { code: "too_deep", message: `must be at most ${MAX_DEPTH} levels deep` };

/**
 * Looks for nesting before anything recursive sees the text: a megabyte of `[` keeps the parser
 * busy for seconds.
 */
function tooDeepAt(text: string): number | undefined {
  let flow = 0;
  let inLine = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow--;
    else if (token === "-" || token === "?" || token === ":") inLine++;
    else if (token === "," || token.includes("\n")) inLine = 0;
    if (flow > MAX_DEPTH || inLine > MAX_DEPTH) return offset;
    if (token !== "\x02" && token !== "\x18" && token !== "\x1f") offset += token.length;
  }
  return undefined;
}

/** What was found can be a whole file that is no policy; its beginning is enough to know it by. */
function shortened(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).split("\n")[0]!.replace(/[.:]$/, "");
}
