import { MAX_URL } from "./inputs.ts";

/** What stands where a masked field's content would. */
const MARKS = "••••••••";
/** Addresses that are known to tell something, and names that do; the oldest are forgotten first. */
const MAX_URLS = 500;
const MAX_NAMES = 500;
/** Characters. A longer name stands in no form that is sent to an address of {@linkcode MAX_URL}. */
const MAX_NAME = 1_000;

/**
 * Cuts what masked fields held out of a URL: a form that is sent by GET puts it there.
 *
 * @param names Names of masked fields, as a form sends them.
 */
export function redactUrl(text: string, names: ReadonlySet<string>): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  const found = [...url.searchParams.keys()].filter((name) => names.has(name));
  if (found.length === 0) return text;
  for (const name of found) url.searchParams.set(name, MARKS);
  return url.href;
}

/** Addresses of a session as they may be shown. */
export class ShownUrls {
  readonly #names = new Set<string>();
  readonly #shown = new Map<string, string>();

  /** @param name Of a masked field. */
  addName(name: string): void {
    if (name.length > MAX_NAME) return;
    this.#names.add(name);
    const [oldest] = this.#names;
    if (this.#names.size > MAX_NAMES) this.#names.delete(oldest!);
  }

  /** @param shown As the page says that it may be: it knows what stands in its fields. */
  add(url: string, shown: string): void {
    if (url.length > MAX_URL) return;
    this.#shown.set(url, short(shown));
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MAX_URLS) this.#shown.delete(oldest!);
  }

  /** What is cut out of one, part by part; nothing where all of it may be shown. */
  maskedIn(url: string): string[] {
    const shown = redactUrl(this.#shown.get(url) ?? url, this.#names);
    const open = new Set(partsOf(shown));
    return shown === url ? [] : partsOf(url).filter((part) => !open.has(part));
  }

  /** One that is too long to be followed, and known, is shown as its site alone. */
  of(url: string): string {
    return redactUrl(this.#shown.get(url) ?? short(url), this.#names);
  }
}

/** Of an address behind its origin, as they are meant. */
function partsOf(url: string): string[] {
  const { pathname = "", search = "", hash = "" } = URL.parse(url) ?? {};
  return `${pathname}${search}${hash}`.split(/[/?#&=]+/).map(decoded).filter((part) => part !== "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function short(url: string): string {
  return url.length > MAX_URL ? `${URL.parse(url)?.origin ?? ""}/` : url;
}
