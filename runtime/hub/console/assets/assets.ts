import { createHash } from "node:crypto";

/** The console's own files. Nothing of any other host is ever loaded. */
const TYPES = {
  "style.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
  "live.js": "text/javascript; charset=utf-8",
  "passkey.js": "text/javascript; charset=utf-8",
} as const;

/** What the stylesheet is put together from; what comes later wins. */
const STYLE = [
  "tokens",
  "page",
  "places",
  "words",
  "tables",
  "forms",
  "charts",
  "text",
  "narrow",
];

export type AssetName = keyof typeof TYPES;

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** With the content's hash in it, so that browsers may keep the file for ever. */
  readonly path: string;
}

const ASSETS = new Map<AssetName, Asset>();

/** Where a file of the console is found. */
export function assetPath(name: AssetName): string {
  return assetOf(name).path;
}

/** The file at a path; undefined when there is none. */
export function assetAt(path: string): Asset | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!Object.hasOwn(TYPES, name)) return undefined;
  const asset = assetOf(name as AssetName);
  return asset.path === path ? asset : undefined;
}

function assetOf(name: AssetName): Asset {
  const known = ASSETS.get(name);
  if (known) return known;
  const bytes = name === "style.css" ? style() : read(name);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const asset = { bytes, type: TYPES[name], path: `/assets/${hash}/${name}` };
  ASSETS.set(name, asset);
  return asset;
}

function style(): Uint8Array<ArrayBuffer> {
  const decoder = new TextDecoder();
  const texts = STYLE.map((part) => decoder.decode(read(`style/${part}.css`)));
  return new TextEncoder().encode(texts.join("\n"));
}

function read(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(name, import.meta.url));
}
