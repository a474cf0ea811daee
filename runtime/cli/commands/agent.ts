import { parseDuration } from "../arguments/duration.ts";
import { listenFrom } from "../arguments/listen_option.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli, Registry } from "../cli.ts";
import { findFleet, type FleetOptions, withState } from "../fleet/fleet.ts";
import { agentLog, type LogOptions, withLog } from "../terminal/agent_log.ts";
import { awaitStop } from "../terminal/stop_signals.ts";
import { addService } from "./service.ts";

interface Options extends FleetOptions, LogOptions {
  listen?: string;
  prewarm: string;
  grace: string;
  watch: boolean;
  supervised?: boolean;
}

/** `writ agent`: runs the agent of this machine until it is told to stop. */
export function addAgent(registry: Registry): void {
  const command = registry.command(
    "agent",
    "run the agent; Ctrl-C or SIGTERM stops it (twice: at once), SIGHUP loads the policy anew",
    "writ agent --fleet my-fleet",
  )
    .option(
      "--listen <address>",
      "address and port; TLS off loopback (default: as fleet.yaml says)",
    )
    .option(
      "--prewarm <count>",
      "empty cells kept ready for each grant in use, live scripts apart",
      "1",
    )
    .option("--no-watch", "load a changed policy only when told: SIGHUP, or writ policy reload")
    .option(
      "--supervised",
      "something starts it again when it ends, so that it may become another release",
    )
    .option("--grace <time>", "how long runs under way may go on when it stops", "30 s");
  withState(withLog(command)).action(registry.action(runAgent));
  addService(registry, command);
}

async function runAgent(cli: Cli, options: Options): Promise<number> {
  const { startAgent, rulesFromFolder, sandboxRunner } = await import("../../agent/mod.ts");
  const { formatAgentId } = await import("../../peer/mod.ts");
  const fleet = await findFleet(cli, options);
  const listen = options.listen === undefined ? undefined : listenFrom(options.listen);
  const prewarm = wholeNumber("--prewarm", options.prewarm, { most: 99 });
  const graceMs = parseDuration("--grace", options.grace);
  const log = await agentLog(cli, options);
  const { kept } = fleet;
  using stop = awaitStop(cli.io);
  await using agent = await startAgent({
    stateDir: fleet.state,
    rules: rulesFromFolder(fleet.policy, kept),
    runner: sandboxRunner({ prewarm, kept }),
    ...(listen ? { listen } : {}),
    ...(options.watch ? { watch: fleet.policy } : {}),
    supervised: options.supervised ?? false,
    log,
    now: () => cli.io.now(),
  });
  const { id, url, ca } = agent;
  const publicKey = await publicKeyOf(fleet.state);
  cli.answer(
    { url, agent: id, state: fleet.state, ...(ca && { ca }) },
    () =>
      [
        `writ agent ready at ${url} (${id})`,
        `Its id, to compare by eye: ${formatAgentId(id)}`,
        `Its public key, for fleet.yaml of agents that it may order from: ${publicKey}`,
        ...ca ? [`Its certificate is vouched for by ${ca}`] : [],
      ].join("\n"),
  );
  const { BECOME_ANOTHER } = await import("../service/unit.ts");
  const becomes = await Promise.race([stop.asked, agent.replaced.then(() => BECOME_ANOTHER)]);
  await agent.stop({ graceMs, hurry: stop.hurry });
  return becomes ?? (stop.hurry.aborted ? 1 : 0);
}

async function publicKeyOf(state: string): Promise<string> {
  const { signerFromPem } = await import("../../core/pem.ts");
  return signerFromPem(await Deno.readTextFile(`${state}/agent.key`)).publicKey;
}
