/** Every bound of what goes between host and guests. Bytes, characters and milliseconds. */
export const WIRE_LIMITS = {
  /** One message of a guest, as JSON. A field of 64 kB fits in, escaped too. */
  GUEST_CHARS: 200_000,
  /** One message of the host, put together from parts: a snapshot of a large page. */
  HOST_CHARS: 16_000_000,
  /** A page as it is shown to those who have a link: several of these are in a cell's memory. */
  PAGE_CHARS: 8_000_000,
  /** A part of a message; a WebSocket takes 256 KiB, and a character has three bytes at most. */
  PART_CHARS: 80_000,
  NAME_CHARS: 40,
  CHAT_CHARS: 500,
  URL_CHARS: 4_000,
  PATH_CHARS: 2_000,
  VALUE_CHARS: 64_000,
  /** Choices of one list. */
  VALUES: 200,
  KEY_CHARS: 200,
  /** What brings a browser to where the shared one is. */
  STATE_INPUTS: 5_000,
  /** Messages a second from one guest, and how many at once. */
  MESSAGES_PER_SECOND: 200,
  MESSAGES_AT_ONCE: 600,
  /** Pointer moves and marks a second from one guest; more are left out. */
  POINTS_PER_SECOND: 40,
  /** Lines of chat a second from one guest, and how many at once; more are left out. */
  LINES_PER_SECOND: 1,
  LINES_AT_ONCE: 10,
  /** How often somebody is brought to where the shared browser is in a second, and at once. */
  SYNCS_PER_SECOND: 1,
  SYNCS_AT_ONCE: 10,
  /** Characters that wait for one guest; who takes so little of what is told is sent away. */
  WAITING_CHARS: 20_000_000,
  /** How long what somebody points out is marked. */
  MARK_MS: 6_000,
  /** How long a line stays that somebody drew. */
  STROKE_MS: 10_000,
  /** Points of a line, and lines of one person at the same time; the oldest goes first. */
  STROKE_POINTS: 500,
  STROKES: 20,
  /** How often a line's element fits between the line and it. */
  STROKE_REACH: 100,
  /** Points of lines a second from one guest, and how many at once; more are left out. */
  DRAWN_PER_SECOND: 200,
  DRAWN_AT_ONCE: 600,
  /** A part of a line counts for so many points at least. */
  DRAWN_LEAST: 8,
} as const;
