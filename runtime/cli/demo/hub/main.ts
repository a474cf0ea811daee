/**
 * `deno task demo:hub`: a service provider's hub and five machines of a customer, all on loopback.
 * An order reaches all of them; a rollout meets a broken version at its canary, and halts. With
 * `--stay` the console stays up to look around.
 *
 * @module
 */
import { VerificationError } from "../../../core/errors.ts";
import type { HubServices } from "../../../hub/mod.ts";
import { processIo } from "../../terminal/process_io.ts";
import { awaitStop } from "../../terminal/stop_signals.ts";
import { Stage } from "../stage.ts";
import { ADMIN, Provider, TENANT } from "./provider.ts";
import { BROKEN_CHECKUP, CHECKUP } from "./scripts.ts";

const WHO = `user:${ADMIN}`;
const SCRIPT = "acme/checkup";
const MACHINES = [
  ["frontdesk", ["office", "canary"]],
  ["accounts", ["office"]],
  ["workshop", ["works"]],
  ["warehouse", ["works"]],
  ["reception", ["office"]],
] as const;
/** How long anything may take that is waited for. */
const PATIENCE_MS = 60_000;

async function play(stage: Stage, provider: Provider) {
  const started = performance.now();
  const { services } = provider.hub;
  stage.plain("A hub for many machines: five of them, on loopback, with keys made a moment ago.");

  stage.scene("Five machines enrol, each with a token of its own");
  for (const [name, labels] of MACHINES) {
    const isLast = name === MACHINES.at(-1)![0];
    const machine = await provider.enrol(name, [...labels], !isLast);
    stage.say(name, isLast ? "waits for an admin" : `is in: ${labels.join(", ")}`);
    if (isLast) await services.agents.approve(TENANT, WHO, machine.id);
  }
  const online = await until(services, async () => {
    const { items } = await services.agents.list(TENANT);
    return items.every((one) => one.presence.state === "online" && one.list === 1) && items.length;
  });
  stage.check(online === MACHINES.length, "all are connected, under the signed accept-list", "");

  const ordered = await order(stage, services);
  const halted = await rollOut(stage, services);
  const refused = await steal(stage, provider);
  const ok = online === MACHINES.length && ordered && halted && refused;
  const wallMs = Math.round(performance.now() - started);
  stage.plain(`\n${ok ? "Everything as promised" : "Something is not as promised"}, ${wallMs} ms.`);
  return { ok, online, ordered, halted, refused, wallMs };
}

async function order(stage: Stage, services: HubServices): Promise<boolean> {
  stage.scene("An order for all of them");
  const { orders } = services;
  const { id } = await orders.create(TENANT, WHO, {
    script: { name: SCRIPT, range: CHECKUP.version },
    input: { area: "disk" },
    select: "all",
    expiresMs: PATIENCE_MS,
  });
  const done = await until(services, async () => {
    const found = await orders.get(TENANT, id);
    return found.counts.ended === MACHINES.length && found;
  });
  const ok = done?.outcomes.ok === MACHINES.length;
  stage.check(ok, `${SCRIPT} ${CHECKUP.version} ran on each`, JSON.stringify(done?.outcomes));
  return ok;
}

async function rollOut(stage: Stage, services: HubServices): Promise<boolean> {
  stage.scene("A rollout that begins with one canary, and a version that does not work");
  const { rollouts, orders } = services;
  const { id } = await rollouts.create(TENANT, WHO, {
    subject: {
      script: SCRIPT,
      version: BROKEN_CHECKUP.version,
      before: CHECKUP.version,
      input: { area: "disk" },
    },
    gate: { settleMs: 0 },
  });
  const halted = await until(services, async () => {
    const found = await rollouts.get(TENANT, id);
    return found.state === "halted" && found;
  });
  for (const { name, size, good, bad, started } of halted?.rings ?? []) {
    stage.say(name, started === null ? `${size}: never begun` : `${good} well, ${bad} badly`);
  }
  const [canary, ...others] = halted?.rings ?? [];
  const ok = canary?.bad === 1 && others.every(({ started }) => started === null);
  stage.check(ok, "it halts by itself, and nobody else ever ran it", halted?.reason ?? "");
  // The canary's outcome halts the rollout a moment before its delivery is over.
  const ran = await until(services, async () => {
    const { items } = await orders.list(TENANT, { script: SCRIPT });
    const broken = items.filter(({ version }) => version === BROKEN_CHECKUP.version);
    const ended = broken.reduce((sum, { counts }) => sum + counts.ended, 0);
    return ended > 0 && ended;
  });
  stage.check(ran === 1, "so it ran on one machine of five", "");
  await rollouts.takeBack(TENANT, WHO, id);
  const back = await until(services, async () => {
    const [newest] = (await orders.list(TENANT, { script: SCRIPT })).items;
    return newest!.version === CHECKUP.version && newest!.outcomes.ok === 1;
  });
  stage.check(back === true, `taken back, it runs ${CHECKUP.version} again`, "");
  return ok && ran === 1 && back === true;
}

async function steal(stage: Stage, provider: Provider): Promise<boolean> {
  stage.scene("Somebody has stolen the hub, and adds a script of their own");
  try {
    await provider.hub.services.lists.put(TENANT, "thief", provider.stolenList());
    stage.check(false, "the accept-list was taken", "");
    return false;
  } catch (error) {
    const ok = error instanceof VerificationError && error.code === "threshold";
    stage.check(ok, "the keys that sign accept-lists are not there", (error as Error).message);
    return ok;
  }
}

/** Waits until something that the hub tells of is as it should be; undefined when it never is. */
async function until<T>(
  { events }: HubServices,
  look: () => Promise<T | false>,
): Promise<T | undefined> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    const { promise: changed, resolve } = Promise.withResolvers<void>();
    using _listening = events.on(TENANT, () => resolve());
    const found = await look();
    if (found !== false) return found;
    const timer = setTimeout(resolve, 1_000);
    await changed;
    clearTimeout(timer);
  }
  return undefined;
}

const io = processIo();
const json = Deno.args.includes("--json");
const stage = new Stage(io.stdout, json);
const provider = await Provider.open();
const report = await play(stage, provider);
if (json) io.stdout.write(JSON.stringify(report) + "\n");
if (Deno.args.includes("--stay")) {
  using stop = awaitStop(io);
  const password = await provider.invite();
  io.stdout.write(
    `\nThe console: ${provider.console.origin}/sign-in?fleet=${TENANT}\n` +
      `  name ${ADMIN}, password ${password}\nCtrl-C ends it.\n`,
  );
  await stop.asked;
}
await provider[Symbol.asyncDispose]();
Deno.exit(report.ok ? 0 : 1);
