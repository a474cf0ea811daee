import type { Cli, Registry } from "../cli.ts";
import * as doctor from "../doctor.ts";
import { type Fleet, type FleetOptions, seekFleet, withState } from "../fleet.ts";
import { printable } from "../printable.ts";

/** `writ doctor`: what this machine offers, what is wrong, and how to put it right. */
export function addDoctor(registry: Registry): void {
  const command = registry.command(
    "doctor",
    "look at this machine and this fleet, and say how to fix what is wrong",
    "writ doctor",
  );
  withState(command).action(registry.action(runDoctor));
}

async function runDoctor(cli: Cli, options: FleetOptions): Promise<number> {
  const fleet = await seekFleet(cli, options);
  const { host, failure } = await openSandbox();
  const checks: doctor.Diagnosis[] = [
    doctor.checkDeno(Deno.version.deno),
    ...doctor.checkIsolation(host, failure),
    ...(fleet ? await checkFleet(cli, fleet) : [{
      check: "fleet",
      status: "warning" as const,
      found: "no fleet folder here or above",
      fix: "writ init DIR, or name one with --fleet DIR",
    }]),
  ];
  const ok = checks.every(({ status }) => status !== "problem");
  const level = host?.level ?? null;
  cli.answer({ ok, level, checks }, () => checks.map((check) => lineOf(cli, check)).join("\n"));
  return ok ? 0 : 1;
}

/** Opens it as an agent would, which also measures an empty cell. */
async function openSandbox() {
  const { Sandbox } = await import("../../sandbox/mod.ts");
  try {
    await using sandbox = await Sandbox.open();
    return { host: sandbox.host, failure: undefined };
  } catch (error) {
    return { host: undefined, failure: (error as Error).message };
  }
}

async function checkFleet(cli: Cli, fleet: Fleet): Promise<doctor.Diagnosis[]> {
  const { checkPolicyDir } = await import("../../policy/mod.ts");
  const { policy, state, keys } = fleet;
  const checks = [
    doctor.checkPolicy(await checkPolicyDir(policy, { kept: [state, keys] }), policy),
    doctor.checkPrivate("state", state, await modeOf(state)),
    doctor.checkPrivate("keys", keys, await modeOf(keys)),
  ];
  for (const name of await namesIn(keys)) {
    if (!name.endsWith(".pem") || name.endsWith(".pub.pem")) continue;
    const check = doctor.checkPrivate("key", `${keys}/${name}`, await modeOf(`${keys}/${name}`));
    if (check.status !== "ok") checks.push(check);
  }
  checks.push(await checkAgent(state));
  checks.push(doctor.checkClock(cli.io.now(), await newestTime([policy, state, keys])));
  return checks;
}

async function checkAgent(state: string): Promise<doctor.Diagnosis> {
  const url = await Deno.readTextFile(`${state}/agent.url`).catch(() => "");
  if (url === "") return { check: "agent", status: "ok", found: "not running" };
  try {
    const { AgentClient } = await import("../agent_client.ts");
    await (await new AgentClient(url.trim()).ask("/healthz")).body?.cancel();
    return { check: "agent", status: "ok", found: `running at ${url.trim()}` };
  } catch {
    return {
      check: "agent",
      status: "warning",
      found: `gone without a word: nobody answers at ${url.trim()}`,
      fix: "start it again: writ agent",
    };
  }
}

async function modeOf(path: string): Promise<number | null | undefined> {
  return await Deno.stat(path).then(({ mode }) => mode, () => undefined);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

async function newestTime(folders: readonly string[]): Promise<number> {
  let newest = 0;
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      const info = await Deno.stat(`${folder}/${name}`).catch(() => undefined);
      newest = Math.max(newest, info?.mtime?.getTime() ?? 0);
    }
  }
  return newest;
}

function lineOf(cli: Cli, { check, status, found, fix }: doctor.Diagnosis): string {
  const { green, yellow, red, cyan } = cli.out;
  const mark = status === "ok" ? green("ok") : status === "warning" ? yellow("! ") : red("NO");
  const line = `${mark} ${check.padEnd(10)} ${printable(found)}`;
  return fix ? `${line}\n   ${"".padEnd(10)} ${cyan("fix:")} ${fix}` : line;
}
