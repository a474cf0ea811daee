/**
 * What one caller can have all of, by one of its addresses: an IPv4 address stands for itself, and
 * whoever has one address of IPv6 has the 2^64 of its network.
 */
export function networkOf(address: string): string {
  // An IPv4 address that came by an IPv6 socket stands for itself.
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const url = `http://[${address}]`;
  if (!URL.canParse(url)) return address;
  // The URL parser writes an address in one way, with at most one gap.
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const after = tail?.split(":").filter((group) => group !== "") ?? [];
  const gap = Array.from({ length: 8 - groups.length - after.length }, () => "0");
  return [...groups, ...gap, ...after].slice(0, 4).join(":");
}
