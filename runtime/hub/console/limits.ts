/** Bounds of the console, in one place. Bytes are bytes, times milliseconds. */
export const CONSOLE_LIMITS = {
  /** A form, but for those that carry a document. */
  FORM_BYTES: 256 << 10,
  /** A form with a signed document in it. */
  DOCUMENT_FORM_BYTES: 13 << 20,
  /** An order's form with all its documents; longer ones go by the command line. */
  ATTACHMENT_FORM_BYTES: 64 << 20,
  /** Rows of one page. */
  ROWS: 50,
  /** Lines of a log on a page. */
  LOG_LINES: 500,
  /** Pages that are open and told of changes, of all users together. */
  STREAMS: 256,
  /** Of these, of one tenant, so that none takes the places of the others, and of one user. */
  STREAMS_OF_TENANT: 64,
  STREAMS_OF_ONE: 8,
  /** How often an open page is sent a sign of life, and its session looked at again. */
  BEAT_MS: 15_000,
  /** An open page is told of changes at most this often, as it reads itself anew each time. */
  CHANGES_MS: 1_000,
  /** Rows of one export. */
  EXPORT_ROWS: 100_000,
  /** Orders whose outcomes the overview draws. */
  CHARTED_ORDERS: 24,
} as const;
