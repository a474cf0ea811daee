import multicastDns from "multicast-dns";
import type { HeardAnswer } from "./texts.ts";

/** What the package gives; it brings no types of its own. */
export interface MulticastSocket {
  on(event: "error", told: (error: Error) => void): void;
  on(event: "warning" | "ready", told: () => void): void;
  on(event: "query", told: (packet: { questions: readonly { name: unknown }[] }) => void): void;
  on(event: "response", told: (packet: { answers: readonly HeardAnswer[] }) => void): void;
  query(packet: { questions: readonly { name: string; type: string }[] }): void;
  respond(packet: {
    answers: readonly { name: string; type: string; ttl: number; data: readonly Uint8Array[] }[];
  }): void;
  destroy(closed: () => void): void;
}

/** Opens a socket for multicast DNS on the interface that has this address. */
export function openMulticast(address: string, port: number | undefined): MulticastSocket {
  // Without `bind` it would listen on the interface's address alone, where no multicast comes.
  const settings = { bind: "0.0.0.0", interface: address, ...(port !== undefined && { port }) };
  return (multicastDns as (options: typeof settings) => MulticastSocket)(settings);
}
