import { SESSION_LIMITS } from "./session/limits.ts";
import { WIRE_LIMITS } from "./wire/limits.ts";

/** What the grant's `settings` tell this script. */
export interface Settings {
  /** Of the person at this machine, as others see it. */
  readonly name: string;
  /** Whether who asks for control gets it at once while the sharing person holds it. */
  readonly isFree: boolean;
  readonly guests: number;
  readonly invitationMs: number;
  readonly leaseMs: number;
  /** Where others reach this agent, for the links that are handed on. */
  readonly address?: string;
}

const KEYS = ["name", "control", "guests", "invitation", "lease", "address"];

/**
 * Reads the settings; what is left out is as by default.
 *
 * @throws {TypeError} for what is not understood, as an admin's mistake must not pass for a choice
 */
export function readSettings(given: Readonly<Record<string, unknown>> = {}): Settings {
  const strange = Object.keys(given).find((key) => !KEYS.includes(key));
  if (strange !== undefined) throw mistake(strange, `must be one of ${KEYS.join(", ")}`);
  const { name = "The sharing person", control = "ask" } = given;
  if (typeof name !== "string" || !name || name.length > WIRE_LIMITS.NAME_CHARS) {
    throw mistake("name", `must be 1 to ${WIRE_LIMITS.NAME_CHARS} characters`);
  }
  if (control !== "ask" && control !== "free") throw mistake("control", 'must be "ask" or "free"');
  const { address } = given;
  if (address !== undefined && !isOrigin(address)) {
    throw mistake("address", 'must be as "https://anna.example:8799"');
  }
  return {
    ...(address !== undefined && { address }),
    name,
    isFree: control === "free",
    guests: number(given, "guests", 1, 100, SESSION_LIMITS.GUESTS),
    invitationMs: 1000 *
      number(given, "invitation", 10, 86_400, SESSION_LIMITS.INVITATION_MS / 1000),
    leaseMs: 1000 * number(given, "lease", 5, 3_600, SESSION_LIMITS.LEASE_MS / 1000),
  };
}

function isOrigin(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\/[^/?#@]+$/.test(value) && URL.canParse(value);
}

function number(
  given: Readonly<Record<string, unknown>>,
  key: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const value = given[key] ?? otherwise;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw mistake(key, `must be a number from ${least} to ${most}`);
}

function mistake(key: string, found: string): TypeError {
  return new TypeError(`Cannot work with the settings of the grant: ${key} ${found}`);
}
