/** Status codes that are answered, or looked for in answers (RFC 8011, "Status-Code Values"). */
// deno-fmt-ignore
export const STATUS = { ok: 0, okIgnored: 1, badRequest: 0x0400, notAuthorized: 0x0403,
  notPossible: 0x0404, notFound: 0x0406, tooLarge: 0x0408, formatNotSupported: 0x040a,
  valuesNotSupported: 0x040b, schemeNotSupported: 0x040c, charsetNotSupported: 0x040d,
  compressionNotSupported: 0x040f, compressionError: 0x0410, documentAccess: 0x0412,
  internalError: 0x0500, operationNotSupported: 0x0501, unavailable: 0x0502,
  versionNotSupported: 0x0503, deviceError: 0x0504, temporaryError: 0x0505,
  notAcceptingJobs: 0x0506, busy: 0x0507, multipleDocuments: 0x0509,
  deactivated: 0x050a } as const;

// deno-fmt-ignore
const NAMES = [
  `bad-request forbidden not-authenticated not-authorized not-possible timeout not-found gone
  request-entity-too-large request-value-too-long document-format-not-supported
  attributes-or-values-not-supported uri-scheme-not-supported charset-not-supported
  conflicting-attributes compression-not-supported compression-error document-format-error
  document-access-error`.split(/\s+/),
  `internal-error operation-not-supported service-unavailable version-not-supported device-error
  temporary-error not-accepting-jobs busy job-canceled multiple-document-jobs-not-supported
  printer-is-deactivated`.split(/\s+/)];

/** A status code in words. */
export function statusName(code: number): string {
  return NAMES[(code >> 8) - 4]?.[code & 255] ?? `status 0x${code.toString(16).padStart(4, "0")}`;
}

/** Whether the same request may do better later: nothing in it is wrong. */
export function mayPassLater(code: number): boolean {
  return LATER.includes(code);
}

const LATER: readonly number[] = [
  STATUS.internalError,
  STATUS.unavailable,
  STATUS.deviceError,
  STATUS.temporaryError,
  STATUS.notAcceptingJobs,
  STATUS.busy,
  STATUS.deactivated,
];
