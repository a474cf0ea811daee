/** A block of addresses: those whose first `prefix` bits are the ones of `value`. */
export interface Cidr {
  readonly bits: 32 | 128;
  readonly value: bigint;
  readonly prefix: number;
}

/** `::ffff:0:0/96`, where IPv4 addresses hide inside IPv6; Deno and the kernel unwrap them too. */
const MAPPED_PREFIX = 0xffffn << 32n;

/**
 * Reads an address in its usual spelling; an IPv4-mapped IPv6 address becomes the IPv4 one.
 *
 * @param text dotted decimal with four parts and no leading zeros, or IPv6 without brackets and
 * without a zone.
 * @returns a block of one address, or `undefined` when the text is anything else.
 * @see RFC 4291, "Text Representation of Addresses"
 */
export function parseIp(text: string): Cidr | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { bits: 32, value: v4, prefix: 32 };
  const v6 = parseIpv6(text);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === MAPPED_PREFIX >> 32n
    ? { bits: 32, value: v6 & 0xffff_ffffn, prefix: 32 }
    : { bits: 128, value: v6, prefix: 128 };
}

/**
 * Reads `address/prefix`, or an address alone as a block of one.
 *
 * @returns `undefined` when the text is neither, or when bits are set behind the prefix.
 * @see RFC 4632, "Basic Concept and Prefix Notation"
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address, prefix, ...rest] = text.split("/");
  const ip = parseIp(address!);
  if (!ip || rest.length > 0) return undefined;
  if (prefix === undefined) return ip;
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > ip.bits) return undefined;
  const block = { ...ip, prefix: Number(prefix) };
  return block.value === firstOf(block) ? block : undefined;
}

/** Writes a block as {@linkcode parseCidr} reads it; a single address has no prefix. */
export function formatCidr(block: Cidr): string {
  const address = block.bits === 32 ? formatIpv4(block.value) : formatIpv6(block.value);
  return block.prefix === block.bits ? address : `${address}/${block.prefix}`;
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  if (outer.bits !== inner.bits || outer.prefix > inner.prefix) return false;
  const shift = BigInt(outer.bits - outer.prefix);
  return outer.value >> shift === inner.value >> shift;
}

/**
 * Takes a block out of another.
 *
 * @returns the fewest blocks that hold every address of `from` that is not in `hole`, in order.
 *
 * @example
 * ```ts
 * import { formatCidr, parseCidr, subtract } from "./ip.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(
 *   subtract(parseCidr("10.0.0.0/30")!, parseCidr("10.0.0.1")!).map(formatCidr),
 *   ["10.0.0.0", "10.0.0.2/31"],
 * );
 * ```
 */
export function subtract(from: Cidr, hole: Cidr): Cidr[] {
  if (contains(hole, from)) return [];
  if (!contains(from, hole)) return [from];
  const prefix = from.prefix + 1;
  const low = { ...from, prefix };
  const high = { ...low, value: low.value | (1n << BigInt(from.bits - prefix)) };
  return [...subtract(low, hole), ...subtract(high, hole)];
}

function firstOf({ bits, value, prefix }: Cidr): bigint {
  const shift = BigInt(bits - prefix);
  return (value >> shift) << shift;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const dotted = /^(.*:)([\d.]+)$/.exec(text);
  if (dotted?.[2]?.includes(".")) {
    const v4 = parseIpv4(dotted[2]!);
    if (v4 === undefined) return undefined;
    text = `${dotted[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail = []] = halves.map((half) => half === "" ? [] : half.split(":"));
  const missing = 8 - head!.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head!, ...Array<string>(Math.max(0, missing)).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function formatIpv6(value: bigint): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (groups[end] === "0") end++;
    if (end - i > length) [start, length] = [i, end - i];
  }
  if (start < 0) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}
