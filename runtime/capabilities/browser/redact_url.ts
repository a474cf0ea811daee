/** What stands where a masked field's content would. */
const MARKS = "••••••••";

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
