import { requireReal } from "../real/require_real.ts";
import { Service } from "../real/service.ts";

/** What two hubs have in common, where it is installed; it says so loudly where it is not. */
export const realServers = Deno.build.os === "linux"
  ? requireReal(["nats-server", "../lib/postgresql/15/bin/postgres"])
  : undefined;

/** A NATS of its own on loopback. */
export async function startNats(port: number): Promise<Service> {
  const args = ["-a", "127.0.0.1", "-p", String(port)];
  const ready = /Server is ready/;
  const options = { args, ready, timeoutMs: 60_000 };
  return (await Service.start(realServers!["nats-server"], options)).service;
}
