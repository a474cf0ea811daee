const BODYLESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Whether answers of a status never have a body (RFC 9110, "Status Codes"). */
export function isBodyless(status: number): boolean {
  return BODYLESS.has(status);
}
