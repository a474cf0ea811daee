import type { Command } from "commander";
import { printable } from "../../core/printable.ts";
import { parseDuration } from "../arguments/duration.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findFleet, type FleetOptions, withFleet, withState } from "../fleet/fleet.ts";

interface RootOptions {
  root?: string;
}

interface InstallOptions extends FleetOptions, RootOptions {
  dryRun?: boolean;
  user: string;
  grace: string;
}

/** `writ agent install`, `uninstall` and `status`: the agent as a service of systemd. */
export function addService(registry: Registry, agent: Command): void {
  const install = registry.command(
    "install",
    "install the agent as a hardened service of systemd, with a Deno of its own",
    "writ agent install --fleet office",
    agent,
  )
    .option("--dry-run", "print the unit and change nothing")
    .option("--user <name>", "the service's user, made when missing", "writ")
    .option("--grace <time>", "how long runs under way may go on when it stops", "30 s");
  withFleet(withRoot(install)).action(registry.action(runInstall));
  const uninstall = registry.command(
    "uninstall",
    "stop and remove the service; policy and state stay",
    "writ agent uninstall",
    agent,
  );
  withRoot(uninstall).action(registry.action(runUninstall));
  const status = registry.command(
    "status",
    "say what is installed here and whether it answers; without a service, the fleet's agent",
    "writ agent status",
    agent,
  );
  withState(withRoot(status)).action(registry.action(runStatus));
}

function withRoot(command: Command): Command {
  return command.option("--root <dir>", "work below this folder, such as an image's, not on /");
}

async function runInstall(cli: Cli, options: InstallOptions): Promise<void> {
  const { LEFT_OUT, unitText } = await import("../service/unit.ts");
  const { PLACES } = await import("../service/places.ts");
  const { user } = options;
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(user)) {
    throw new CliError("usage", `Cannot use "${user}" as the name of a user`);
  }
  const graceSeconds = Math.ceil(parseDuration("--grace", options.grace) / 1_000);
  const unit = unitText({ places: PLACES, user, graceSeconds });
  if (options.dryRun) return cli.answer({ unit, path: PLACES.unit }, () => unit);
  requireLinux();
  const { install } = await import("../service/install.ts");
  const fleet = await findFleet(cli, options);
  const done = await install({ root: rootOf(cli, options), user, graceSeconds, fleet });
  cli.answer(
    { done: done.map(([path, what]) => ({ path, what })), leftOut: LEFT_OUT },
    () =>
      `${listOf(cli, done)}

What the unit takes from the agent it takes from its cells too. It leaves out what would lower
the isolation of cells:
${LEFT_OUT.map((reason) => `  - ${reason}`).join("\n")}

Next: ${nextStep(options)}`,
  );
}

function nextStep({ root }: RootOptions): string {
  return root === undefined
    ? "systemctl enable --now writ, then: writ agent status"
    : `systemctl --root ${root} enable writ: it starts where the image does`;
}

async function runUninstall(cli: Cli, options: RootOptions): Promise<void> {
  requireLinux();
  const { uninstall } = await import("../service/install.ts");
  const done = await uninstall(rootOf(cli, options));
  const answer = { done: done.map(([path, what]) => ({ path, what })) };
  cli.answer(answer, () => done.length === 0 ? "Nothing was installed" : listOf(cli, done));
}

async function runStatus(cli: Cli, options: RootOptions & FleetOptions): Promise<number> {
  const { serviceStatus } = await import("../service/status.ts");
  const status = await serviceStatus(cli, rootOf(cli, options), options);
  cli.answer(status, () => {
    const { version, deno, url, level, failure } = status;
    const runs = url === null
      ? `${cli.out.yellow("does not answer you:")} ${printable(failure ?? "")}`
      : `${cli.out.green("answers")} at ${url}, isolation level ${level ?? "none"}`;
    if (status.unit === null) {
      return `No service is installed: writ agent install${url === null ? "" : `\n${runs}`}`;
    }
    return `Writ ${version}${
      deno === null ? "" : ` with Deno ${deno}`
    }, unit ${status.unit}\n${runs}`;
  });
  return status.url === null ? 1 : 0;
}

function rootOf(cli: Cli, { root }: RootOptions): string {
  return root === undefined ? "" : cli.path(root).replace(/\/$/, "");
}

function listOf(cli: Cli, done: readonly (readonly [string, string])[]): string {
  return done.map(([path, what]) => `${cli.out.bold(printable(path))}\n  ${printable(what)}`)
    .join("\n");
}

function requireLinux(): void {
  if (Deno.build.os === "linux") return;
  throw new CliError("refused", "Cannot install a service as this machine has no systemd");
}
