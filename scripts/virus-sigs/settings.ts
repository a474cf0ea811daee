/** What the grant's `settings` tell this script. */
export interface Settings {
  /** Of the vendor, such as `daily`. */
  readonly databases: readonly string[];
  /** From one round of questions to the next, milliseconds. */
  readonly everyMs: number;
  /** Agents with this label use what is new before all others do. */
  readonly first: string | undefined;
  /** Those of the databases that their vendor makes anew each day; the others may be of any age. */
  readonly renewed: readonly string[];
  /** Of those that are renewed, what is older than this is not fresh, hours. */
  readonly freshHours: number;
  /** Whose signature counts under a plain list: `ed25519:…`. */
  readonly listKeys: readonly string[];
}

const DEFAULTS = {
  databases: ["main", "daily", "bytecode"],
  every: 60,
  renewed: ["daily"],
  freshHours: 48,
};
const KEYS = ["databases", "every", "first", "renewed", "freshHours", "listKeys"];

/**
 * Reads the settings; what is left out is as by default.
 *
 * @throws {TypeError} for what is not understood, as an admin's mistake must not pass for a choice
 */
export function readSettings(given: Readonly<Record<string, unknown>> = {}): Settings {
  const strange = Object.keys(given).find((key) => !KEYS.includes(key));
  if (strange !== undefined) throw mistake(strange, `must be one of ${KEYS.join(", ")}`);
  const { first } = given;
  const databases = words(given, "databases", DATABASE) ?? DEFAULTS.databases;
  const renewed = words(given, "renewed", DATABASE) ?? DEFAULTS.renewed;
  if (first !== undefined && typeof first !== "string") throw mistake("first", "must be a label");
  return {
    databases,
    everyMs: number(given, "every", 1, 86_400, DEFAULTS.every) * 1000,
    first,
    renewed: renewed.filter((name) => databases.includes(name)),
    freshHours: number(given, "freshHours", 1, 8_760, DEFAULTS.freshHours),
    listKeys: words(given, "listKeys", /^ed25519:[A-Za-z0-9_-]{43}$/) ?? [],
  };
}

const DATABASE = /^[a-z][a-z0-9_]{0,31}$/;

type Given = Readonly<Record<string, unknown>>;

function words(given: Given, key: string, pattern: RegExp): string[] | undefined {
  const value = given[key];
  if (value === undefined) return undefined;
  const fits = Array.isArray(value) && value.length <= 16 && new Set(value).size === value.length &&
    value.every((word) => typeof word === "string" && pattern.test(word));
  if (fits) return value;
  throw mistake(key, `must be at most 16 different words like ${pattern.source}`);
}

function number(given: Given, key: string, least: number, most: number, otherwise: number) {
  const value = given[key] ?? otherwise;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw mistake(key, `must be a number from ${least} to ${most}`);
}

function mistake(key: string, found: string): TypeError {
  return new TypeError(`Cannot work with the settings of the grant: ${key} ${found}`);
}
