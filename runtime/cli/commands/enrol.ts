import { isLoopback } from "../../core/loopback.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type FleetOptions, withState } from "../fleet/fleet.ts";
import { isUntrusted } from "../reach/untrusted.ts";

interface Options extends FleetOptions {
  name?: string;
  hubCa?: string;
}

const TOKEN_BYTES = 1_024;

/** `writ enrol`: makes this machine an agent of a hub's fleet. */
export function addEnrol(registry: Registry): void {
  const command = registry.command(
    "enrol <hub> <token>",
    "make this machine an agent of the fleet that a hub's token names; - reads it from stdin",
    "writ enrol https://hub.example:8790 -",
  )
    .option("--name <name>", "what the machine is called at the hub (default: its host name)")
    .option("--hub-ca <digest>", "what vouches for the hub's TLS: sha256:… of its certificate");
  withState(command).action(registry.action(runEnrol));
}

async function runEnrol(
  cli: Cli,
  hub: string,
  given: string,
  options: Options,
): Promise<void> {
  const [{ enrolAgent }, folder] = await Promise.all([
    import("../../agent/hub_link/enrol.ts"),
    import("../fleet/enrol_folder.ts"),
  ]);
  const url = urlFrom(hub);
  const token = given === "-"
    ? new TextDecoder().decode(await cli.io.stdin.bytes(TOKEN_BYTES)).trim()
    : given;
  const dir = cli.path(options.fleet ?? ".");
  const before = await folder.readEnrolled(dir);
  const stateDir = options.state === undefined ? `${dir}/state` : cli.path(options.state);
  const enrolled = await enrolAgent({
    ...{ stateDir, url, token, name: options.name ?? await hostname() },
    ...(before && { fleet: before.fleet }),
    ...(options.hubCa !== undefined && { ca: digestFrom(options.hubCa) }),
    now: () => cli.io.now(),
  }).catch((error) => {
    throw isUntrusted(error) ? notVouchedFor(url, error) : error;
  });
  const written = await folder.writeEnrolled(dir, enrolled, before);
  const { id, standing, labels, root: { fleet } } = enrolled;
  cli.answer({ agent: id, fleet, standing, labels, hub: url, written }, () =>
    [
      `Enrolled in fleet ${cli.out.bold(fleet)} as ${id}`,
      ...written.map((name) => `  wrote ${name}`),
      standing === "approved"
        ? "Next: writ agent"
        : `It waits for an admin: writ hub approve ${id}; meanwhile: writ agent`,
    ].join("\n"));
}

function notVouchedFor(url: string, cause: unknown): CliError {
  return new CliError(
    "unreachable",
    `Cannot believe the hub at ${url} as nobody who is trusted vouches for its certificate`,
    "name what the hub's start told: --hub-ca sha256:…",
    { cause },
  );
}

function urlFrom(text: string): string {
  const url = URL.parse(text);
  const isNear = url !== null && isLoopback(url.hostname);
  const fits = url !== null && url.pathname === "/" && !url.search && !url.username &&
    (url.protocol === "https:" || (url.protocol === "http:" && isNear));
  if (fits) return url.origin;
  throw new CliError(
    "usage",
    `Cannot use "${text}" as a hub's address`,
    "write it like https://hub.example:8790; http is for this very machine",
  );
}

function digestFrom(text: string): `sha256:${string}` {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text as `sha256:${string}`;
  throw new CliError("usage", `Cannot use "${text}" as a digest: it is sha256: and 64 digits`);
}

/** Asked of the system, which needs a right of its own, or read from where Linux keeps it. */
async function hostname(): Promise<string> {
  try {
    return Deno.hostname();
  } catch {
    const text = await Deno.readTextFile("/etc/hostname").catch(() => "");
    return text.trim().slice(0, 64) || "agent";
  }
}
