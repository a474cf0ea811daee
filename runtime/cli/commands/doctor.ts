import { printable } from "../../core/printable.ts";
import type { Cli, Registry } from "../cli.ts";
import * as doctor from "../doctor/doctor.ts";
import { checkState } from "../doctor/doctor_state.ts";
import { mended } from "../doctor/mend.ts";
import { type Fleet, type FleetOptions, seekFleet, withState } from "../fleet/fleet.ts";

/** `writ doctor`: what this machine offers, what is wrong, and how to put it right. */
export function addDoctor(registry: Registry): void {
  const command = registry.command(
    "doctor",
    "look at this machine and this fleet, and say how to fix what is wrong",
    "writ doctor",
  );
  command.option("--fix", "mend what can be mended: file modes, leftovers, a policy not loaded");
  withState(command).action(registry.action(runDoctor));
}

interface Options extends FleetOptions {
  fix?: boolean;
}

async function runDoctor(cli: Cli, options: Options): Promise<number> {
  const fleet = await seekFleet(cli, options);
  const { host, failure } = await openSandbox();
  const found: doctor.Diagnosis[] = [
    doctor.checkDeno(Deno.version.deno),
    ...doctor.checkIsolation(host, failure),
    ...(fleet ? await checkFleet(cli, fleet) : [{
      check: "fleet",
      status: "warning" as const,
      found: "no fleet folder here or above",
      fix: "writ init DIR, or name one with --fleet DIR",
    }]),
  ];
  const checks = options.fix
    ? await Promise.all(found.map((check) => mended(cli, check, options)))
    : found;
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
  const { policy, state, keys, kept } = fleet;
  const checks = [
    doctor.checkPolicy(await checkPolicyDir(policy, { kept }), policy),
    doctor.checkPrivate("state", state, await modeOf(state)),
    doctor.checkPrivate("keys", keys, await modeOf(keys)),
  ];
  for (const name of await namesIn(keys)) {
    if (!name.endsWith(".pem") || name.endsWith(".pub.pem")) continue;
    const check = doctor.checkPrivate("key", `${keys}/${name}`, await modeOf(`${keys}/${name}`));
    if (check.status !== "ok") checks.push(check);
  }
  checks.push(...await checkState(cli, fleet));
  checks.push(doctor.checkClock(cli.io.now(), await newestTime([policy, state, keys])));
  return checks;
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
