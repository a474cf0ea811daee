/** How this machine calls itself in URLs. */
export const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/**
 * Whether an address is this machine's alone.
 *
 * @param hostname Name or address, IPv6 with or without brackets.
 */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(hostname);
}

/** Whether a connection came from this machine; an IPv4 address can arrive by an IPv6 socket. */
export function isFromLoopback(address: string): boolean {
  return /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(address);
}
