import type { Command } from "commander";
import type { RunningConsole } from "../../../hub/console/mod.ts";
import type { Hub } from "../../../hub/mod.ts";
import { isLoopback } from "../../../core/loopback.ts";
import { readUserFile } from "../../arguments/files.ts";
import { listenFrom } from "../../arguments/listen_option.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { hubStateOf, type HubStateOptions, withHubState } from "../../reach/find_hub.ts";
import { agentLog, type LogOptions, withLog } from "../../terminal/agent_log.ts";
import { awaitStop } from "../../terminal/stop_signals.ts";

interface Options extends HubStateOptions, LogOptions {
  listen?: string;
  database?: string;
  databaseFile?: string;
  bus?: string;
  busFile?: string;
  host?: string[];
  tlsCert?: string;
  tlsKey?: string;
  console?: string;
  consoleOrigin?: string;
  unsafeWebhooksInside?: boolean;
}

const SMALL_FILE_BYTES = 1 << 20;

/** `writ hub`: runs the hub until it is told to stop. */
export function addHubStart(registry: Registry): Command {
  const command = registry.command(
    "hub",
    "run the hub, the management server of fleets; Ctrl-C or SIGTERM stops it",
    "writ hub --listen 127.0.0.1:8790",
  )
    .option("--listen <address>", "address and port; TLS off loopback", "127.0.0.1:8790")
    .option("--database <url>", "postgres://… without a password (default: a file of the state)")
    .option("--database-file <file>", "a file that holds the address, with its password")
    .option("--bus <url>", "nats://… by which hubs of one database hear each other")
    .option("--bus-file <file>", "a file that holds the address, with its password")
    .option("--host <name...>", "names that machines reach it by; its own certificate has them")
    .option("--tls-cert <file>", "a certificate, as PEM (default: off loopback, one of its own)")
    .option("--tls-key <file>", "its key, as PEM")
    .option("--console <address>", "address and port of the console, like localhost:8791")
    .option("--console-origin <url>", "as browsers have it (default: where it listens)")
    .option(
      "--unsafe-webhooks-inside",
      "let every tenant's webhooks name addresses of this machine and its network, by http too",
    );
  return withHubState(withLog(command)).action(registry.action(runHub));
}

async function runHub(cli: Cli, options: Options): Promise<void> {
  const { startHub } = await import("../../../hub/mod.ts");
  const { formatAgentId } = await import("../../../peer/mod.ts");
  const stateDir = hubStateOf(cli, options);
  const tls = await tlsFrom(cli, options);
  const listen = listenFrom(options.listen ?? "127.0.0.1:8790");
  const { host: hosts = [] } = options;
  if (!tls && hosts.length === 0 && ["0.0.0.0", "::"].includes(listen.hostname)) {
    throw new CliError(
      "usage",
      "Cannot serve the hub on every address as it knows no name of its own",
      "say how machines reach it: --host hub.example",
    );
  }
  requireNames(hosts);
  if (!tls && hosts.length > 0 && isLoopback(listen.hostname)) {
    throw new CliError(
      "usage",
      `Cannot be reached as ${hosts[0]} as it listens on this machine alone`,
      "say where machines reach it: --listen 0.0.0.0:8790",
    );
  }
  const database = await addressFrom(cli, options.database, options.databaseFile);
  const bus = await addressFrom(cli, options.bus, options.busFile);
  using stop = awaitStop(cli.io);
  await using hub = await startHub({
    stateDir,
    ...{ listen, hosts },
    log: await agentLog(cli, options),
    now: () => cli.io.now(),
    ...(tls && { tls }),
    ...(database !== undefined && { database }),
    ...(bus !== undefined && { bus }),
    unsafeWebhooksInside: options.unsafeWebhooksInside ?? false,
  });
  await using shown = await consoleFor(hub, options, { stateDir, tls });
  const { url, id, authority } = hub;
  const at = {
    ...(authority && { ca: authority.digest }),
    ...(shown && { console: shown.origin }),
  };
  cli.answer({ url, hub: id, state: stateDir, ...at }, () =>
    [
      `writ hub ready at ${url} (${id})`,
      `Its id, to compare by eye: ${formatAgentId(id)}`,
      ...(authority ? [`Machines enrol with: --hub-ca ${authority.digest}`] : []),
      ...(shown ? [`Console at ${shown.origin}; invite with: writ hub user NAME --tenant T`] : []),
      "Take in a fleet with: writ hub tenant NAME --fleet DIR",
    ].join("\n"));
  await stop.asked;
  await shown?.[Symbol.asyncDispose]();
  await hub.stop();
}

/** @throws {CliError} usage – one is no name or address, but a whole URL or one with a port */
function requireNames(hosts: readonly string[]): void {
  for (const host of hosts) {
    const url = URL.parse(`https://${host.includes(":") ? `[${host}]` : host}`);
    if (url && `${url.origin}/` === url.href) continue;
    const hint = "name it as machines do, without a port: --host hub.example";
    throw new CliError("usage", `Cannot take "${host}" for a name of the hub`, hint);
  }
}

async function consoleFor(
  hub: Hub,
  { console: address, consoleOrigin: origin }: Options,
  { stateDir, tls }: { stateDir: string; tls: { cert: string; key: string } | undefined },
): Promise<RunningConsole | undefined> {
  if (address === undefined) return undefined;
  const { startConsole } = await import("../../../hub/console/mod.ts");
  return await startConsole({
    hub,
    stateDir,
    listen: listenFrom(address),
    ...(tls && { tls }),
    ...(origin !== undefined && { origin }),
  });
}

async function tlsFrom(cli: Cli, { tlsCert, tlsKey }: Options) {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError("usage", "Cannot serve TLS without both: --tls-cert FILE --tls-key FILE");
  }
  const read = async (file: string) =>
    new TextDecoder().decode(await readUserFile(cli.path(file), file, SMALL_FILE_BYTES));
  return { cert: await read(tlsCert), key: await read(tlsKey) };
}

/** From a file where it holds a password, which no list of processes then shows. */
async function addressFrom(cli: Cli, given: string | undefined, file: string | undefined) {
  if (file === undefined) return given;
  const bytes = await readUserFile(cli.path(file), file, SMALL_FILE_BYTES);
  return new TextDecoder().decode(bytes).trim();
}
