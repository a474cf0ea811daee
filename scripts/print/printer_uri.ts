const PRINTER = /^ipp(s?):\/\/(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\/[^\s?#]*)?$/i;

/**
 * The HTTP address of a printer, port 631 where none is said.
 *
 * @param uri `ipp://host:port/path` or `ipps://…`, without user, query and fragment.
 * @returns `undefined` when it is no such address
 * @see RFC 3510, "IPP URL Scheme"
 */
export function httpOf(uri: unknown): string | undefined {
  const parts = typeof uri === "string" ? PRINTER.exec(uri) : null;
  if (!parts) return undefined;
  const url = `http${parts[1]?.toLowerCase()}://${parts[2]}${parts[3] ?? ":631"}${parts[4] ?? "/"}`;
  return URL.canParse(url) ? url : undefined;
}
