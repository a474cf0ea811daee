/** What stands where a masked field's content would. */
const MARKS = "••••••••";
/** Addresses that are known to tell something; the oldest is forgotten first. */
const MAX_URLS = 500;

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
    this.#names.add(name);
  }

  /** @param shown As the page says that it may be: it knows what stands in its fields. */
  add(url: string, shown: string): void {
    this.#shown.set(url, shown);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MAX_URLS) this.#shown.delete(oldest!);
  }

  of(url: string): string {
    return redactUrl(this.#shown.get(url) ?? url, this.#names);
  }
}
