import { isBodyless } from "../core/http_status.ts";

/** Status and headers as a script says them. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Whether it has a body, and whether all of it came with the head. */
  readonly body: "none" | "whole" | "stream";
  /** Names and values together. */
  readonly bytes: number;
}

const UPGRADED = 101;
const LOWEST = 200;
const HIGHEST = 599;

/**
 * Checks what the worker took from a `Response`, which holds nothing that is wrong here.
 *
 * @param params Hostile JSON.
 * @param upgrade Whether the client asked for a WebSocket.
 * @throws {RangeError} for a head that no response has
 */
export function readHead(params: unknown, upgrade: boolean): ResponseHead {
  const { status, headers, body } = Object(params) as Record<string, unknown>;
  if (!isStatus(status, upgrade)) throw new RangeError("a status that no response has");
  if (!isKind(body) || (body !== "none" && isBodyless(status))) {
    throw new RangeError("a body that no such response has");
  }
  if (!Array.isArray(headers) || !headers.every(isPair)) throw new RangeError("headers of no kind");
  try {
    new Headers(headers);
  } catch (cause) {
    throw new RangeError("a header that no response has", { cause });
  }
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return { status, headers, body, bytes };
}

function isStatus(status: unknown, upgrade: boolean): status is number {
  if (!Number.isInteger(status)) return false;
  if (status === UPGRADED) return upgrade;
  return (status as number) >= LOWEST && (status as number) <= HIGHEST;
}

function isKind(body: unknown): body is ResponseHead["body"] {
  return body === "none" || body === "whole" || body === "stream";
}

function isPair(pair: unknown): pair is [string, string] {
  return Array.isArray(pair) && pair.length === 2 &&
    pair.every((text) => typeof text === "string");
}
