import { type InnerList, type Item, serializeItem } from "structured-headers";
import { PeerError } from "./errors.ts";
import { authorityOf, type Message, pathOf, queryOf } from "./message.ts";
import { memberOf } from "./signature_fields.ts";

/**
 * The bytes that a signature is over: one line for each component, then the parameters.
 *
 * Derived components `@method`, `@path`, `@query`, `@authority` and `@status`, and any field, each
 * also of the request that a response answers (`;req`), and one member of a dictionary field
 * (`;key`). Anything else is refused, since what is not understood cannot be covered.
 *
 * @param input The components and the parameters, as they stand in `Signature-Input`.
 * @param written The same as it is written there, so that it is written once.
 * @param request What a response answers.
 * @throws {PeerError} not_covered – a component is unknown, named twice, or not in the message
 * @see RFC 9421, "Creating the Signature Base"
 */
export function signatureBase(
  [components]: InnerList,
  written: string,
  message: Message,
  request?: Message,
): Uint8Array {
  const named = new Set<string>();
  let base = "";
  for (const item of components) {
    const name = nameOf(item);
    if (named.has(name)) throw notCovered(`${name} is named twice`);
    named.add(name);
    base += `${name}: ${valueOf(item, message, request)}\n`;
  }
  return encoder.encode(`${base}"@signature-params": ${written}`);
}

const encoder = new TextEncoder();

/** Nearly all names are plain, and serializing one takes as long as all the rest of its line. */
function nameOf(item: Item): string {
  const [name, { size }] = item;
  const isPlain = size === 0 && typeof name === "string" && /^[@a-z0-9-]+$/.test(name);
  return isPlain ? `"${name}"` : serializeItem(item);
}

function valueOf([name, parameters]: Item, message: Message, request?: Message): string {
  if (typeof name !== "string") throw notCovered("a component is no string");
  let key: string | undefined;
  let of: Message | undefined = message;
  for (const [parameter, value] of parameters) {
    if (parameter === "req" && value === true) of = request;
    else if (parameter === "key" && typeof value === "string") key = value;
    else throw notCovered(`"${name}" has a parameter that is not known: ${parameter}`);
  }
  const value = of && (name.startsWith("@") ? derived(name, of) : field(name, of, key));
  if (value === undefined) throw notCovered(`"${name}" is not in the message`);
  return value;
}

function derived(name: string, { method, url, status }: Message): string | undefined {
  if (name === "@method") return method;
  if (name === "@status") return status === undefined ? undefined : String(status);
  if (url === undefined) return undefined;
  if (name === "@path") return pathOf(url);
  if (name === "@query") return queryOf(url);
  if (name === "@authority") return authorityOf(url);
  return undefined;
}

/** A field that was sent several times is one, joined, by the time it is read. */
function field(name: string, { headers }: Message, key?: string): string | undefined {
  if (!/^[a-z0-9-]+$/.test(name)) return undefined;
  const value = headers.get(name);
  if (value === null) return undefined;
  return key === undefined ? value.trim() : memberOf(value, key);
}

function notCovered(found: string): PeerError {
  return new PeerError("not_covered", `Cannot believe the signature as ${found}`);
}
