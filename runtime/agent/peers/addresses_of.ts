import { isLoopback } from "../../core/loopback.ts";

/**
 * Where peers reach an agent: by each name that its policy gives it, else where it listens, unless
 * that is the loopback of a machine that has names.
 *
 * @param url Where it listens.
 * @param hosts Names and addresses without port.
 */
export function addressesOf(url: string, hosts: readonly string[]): string[] {
  const { protocol, port, hostname } = new URL(url);
  if (isLoopback(hostname) && hosts.length === 0) return [url];
  const names = hosts.length > 0 ? hosts : [hostname];
  return names.map((name) => {
    const host = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
    return new URL(`${protocol}//${host}:${port}`).origin;
  });
}
