import type { Command } from "commander";
import { is } from "valibot";
import { scriptNameSchema } from "../../../core/documents/common.ts";
import { payloadType } from "../../../core/dsse.ts";
import { LIMITS } from "../../../core/limits.ts";
import { printable } from "../../../core/printable.ts";
import type { RingStatus, Rollout } from "../../../hub/mod.ts";
import { whyLine } from "../../../hub/why_text.ts";
import { parseDuration } from "../../arguments/duration.ts";
import { readUserFile } from "../../arguments/files.ts";
import { readInputText } from "../../arguments/input.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";
import { type HubApi, HubRefusal } from "../../reach/hub_api.ts";
import { idOf } from "../../reach/hub_names.ts";
import { table } from "../../terminal/table.ts";

interface RolloutOptions extends HubOptions {
  before?: string;
  input?: string;
  ring?: string[];
  from: string;
  ok: string;
  settle: string;
  within: string;
}

/** What a person may tell a rollout to do, and what it then says. */
const VERBS = {
  pause: ["let no ring begin until it is resumed", "Paused"],
  resume: ["go on; the ring in which it was halted begins anew", "Goes on"],
  halt: ["stop it, and what the ring under way was ordered", "Halted"],
  back: ["have every agent that was reached run the version before", "Goes back"],
} as const;

/** `writ hub rollout`, `rollouts`, and what is told to one. */
export function addHubRollouts(registry: Registry, hub: Command): void {
  const rollout = registry.command(
    "rollout <what>",
    "bring a script's version, a signed accept-list or a signed release to agents ring by ring",
    "writ hub rollout acme/print@1.4.0 --before 1.3.2",
    hub,
  )
    .option("--before <version>", "what a script's rollout goes back to when it is taken back")
    .option("--input <json>", "the script's input: JSON, @file, or - for standard input")
    .option(
      "--ring <name=who...>",
      "one after another: who is labels, or a percentage; the last has the rest " +
        "(default: canary=canary tenth=10% all)",
    )
    .option(
      "--from <dir>",
      "where the parts of a release lie: as writ release make filled it",
      "published",
    )
    .option("--ok <percent>", "of a ring, so many must do well", "95")
    .option("--settle <time>", "how long a ring is watched at the least", "1 min")
    .option("--within <time>", "how long a ring may take", "1 d");
  withHub(rollout).action(registry.action(runRollout));
  const rollouts = registry.command(
    "rollouts [id]",
    "list the rollouts, or say how the rings of one do",
    "writ hub rollouts",
    hub,
  );
  withHub(rollouts).action(registry.action(showRollouts));
  for (const verb of Object.keys(VERBS) as (keyof typeof VERBS)[]) {
    const command = registry.command(
      `rollout-${verb} <id>`,
      `a rollout: ${VERBS[verb][0]}`,
      `writ hub rollout-${verb} 5f0c…`,
      hub,
    );
    withHub(command).action(
      registry.action((cli: Cli, id: string, options: HubOptions) => tell(cli, verb, id, options)),
    );
  }
}

/** A new rollout; of a script with why it could not be taken back. */
type Begun = Rollout & { readonly warning?: string | null };

async function runRollout(cli: Cli, what: string, options: RolloutOptions): Promise<void> {
  const plan = {
    ...(options.ring && { rings: options.ring.map(ringFrom) }),
    gate: {
      okPercent: percentFrom(options.ok),
      settleMs: parseDuration("--settle", options.settle),
      withinMs: parseDuration("--within", options.within),
    },
  };
  const api = await findHub(cli, options);
  const [script, version] = what.split("@");
  const rollout: Begun = version === undefined || !is(scriptNameSchema, script)
    ? await rolloutOfDocument(cli, api, what, plan, options)
    : await api.json<Begun>("POST", "/api/v1/rollouts", {
      subject: {
        script,
        version,
        before: options.before ?? null,
        input: (await readInputText(cli, options.input)).value,
      },
      ...plan,
    });
  const { warning = null } = rollout;
  if (warning !== null) cli.note(`It cannot be taken back as it is: ${printable(warning)}`);
  cli.answer(
    rollout,
    () => `${describe(cli, rollout)}\nSee how it goes: writ hub rollouts ${rollout.id}`,
  );
}

async function rolloutOfDocument(
  cli: Cli,
  api: HubApi,
  file: string,
  plan: unknown,
  options: RolloutOptions,
): Promise<Rollout> {
  const { seeDocument } = await import("../../../author/document_kind.ts");
  const bytes = await readUserFile(cli.path(file), file, LIMITS.ACCEPTLIST_BYTES);
  const seen = seeDocument(bytes);
  const kind = seen?.form === "envelope" ? seen.kind : undefined;
  if (kind !== "acceptlist" && kind !== "release") {
    throw new CliError(
      "usage",
      `Cannot roll out "${file}" as it is no signed accept-list or release`,
      "write publisher/name@VERSION for a script",
    );
  }
  const path = kind === "release" ? "/api/v1/releases" : "/api/v1/acceptlists/rollout";
  const query = `?plan=${encodeURIComponent(JSON.stringify(plan))}`;
  const body = { type: payloadType(kind), content: new Uint8Array(bytes) };
  const send = async (): Promise<Rollout> =>
    await (await api.ask("POST", path + query, body)).json();
  if (kind === "acceptlist") return await send();
  try {
    return await send();
  } catch (error) {
    // The signature is looked at before the parts, of which there are thousands.
    if (!(error instanceof HubRefusal) || error.code !== "attachment_missing") throw error;
  }
  const { uploadRelease } = await import("../../reach/upload_release.ts");
  await uploadRelease(api, bytes, cli.path(options.from), (text) => cli.note(text));
  return await send();
}

/** `canary=canary,test`, `tenth=10%`, `all`. */
function ringFrom(text: string): { name: string; labels?: string[]; percent?: number } {
  const [name = "", who] = text.split("=");
  if (who === undefined) return { name };
  const percent = /^(\d{1,3}(?:\.\d+)?)\s?%$/.exec(who)?.[1];
  if (percent !== undefined) return { name, percent: percentFrom(percent) };
  return { name, labels: who.split(",") };
}

function percentFrom(text: string): number {
  const percent = Number(text.replace(/\s?%$/, ""));
  if (percent > 0 && percent <= 100) return percent;
  throw new CliError("usage", `Cannot use "${text}" as it is no percentage up to 100`);
}

async function showRollouts(cli: Cli, id: string | undefined, options: HubOptions): Promise<void> {
  const api = await findHub(cli, options);
  if (id !== undefined) {
    const path = `/api/v1/rollouts/${encodeURIComponent(await idOf(api, "rollouts", id))}`;
    const rollout = await api.json<Rollout>("GET", path);
    return cli.answer(rollout, () => describe(cli, rollout));
  }
  const { items } = await api.list<Rollout>("/api/v1/rollouts");
  cli.answer({ items }, () =>
    table(
      ["ID", "WHAT", "STATE", "RINGS"],
      items.map((rollout) => [
        rollout.id,
        subjectOf(rollout),
        rollout.state,
        rollout.rings.map(({ name, good, size }) => `${name} ${good}/${size}`).join(", "),
      ]),
      cli.out.dim,
    ));
}

async function tell(
  cli: Cli,
  verb: keyof typeof VERBS,
  id: string,
  options: HubOptions,
): Promise<void> {
  const api = await findHub(cli, options);
  const whole = await idOf(api, "rollouts", id);
  const path = `/api/v1/rollouts/${encodeURIComponent(whole)}/${verb}`;
  const rollout = await api.json<Rollout>("POST", path);
  cli.answer(rollout, () => `${VERBS[verb][1]}: ${describe(cli, rollout)}`);
}

function describe(cli: Cli, rollout: Rollout): string {
  const { state, reason, rings, back } = rollout;
  const paint = state === "halted" ? cli.out.red : state === "done" ? cli.out.green : cli.out.bold;
  return [
    `${subjectOf(rollout)}: ${paint(state)}${reason === null ? "" : `, ${printable(reason)}`}`,
    table(
      ["RING", "AGENTS", "WELL", "BADLY", "WAITING", "", "WHY BADLY"],
      rings.map((ring) => [
        ring.name,
        ...[ring.size, ring.good, ring.bad, ring.waiting].map(String),
        standing(ring, state),
        ring.reasons.map(({ code, count }) => `${printable(code)} (${count})`).join(", "),
      ]),
      cli.out.dim,
    ),
    ...whyBadly(rings),
    ...(back === null ? [] : [
      `${back.good} of ${back.size} went back, ${back.bad} did not: writ hub orders ${back.order}`,
    ]),
  ].join("\n");
}

/** What the codes of those who did badly mean, and what to do about each. */
function whyBadly(rings: readonly RingStatus[]): string[] {
  const codes = new Set(rings.flatMap(({ reasons }) => reasons.map(({ code }) => code)));
  return [...codes].flatMap((code) => {
    const why = whyLine(code);
    return why === undefined ? [] : [`${code}: ${why}`];
  });
}

/** Where a ring stands, in a rollout that stands so. */
function standing({ started, passed }: RingStatus, state: Rollout["state"]): string {
  if (passed !== null) return "passed";
  if (started === null) return "";
  return state === "running" || state === "paused" ? "under way" : "halted";
}

function subjectOf({ subject }: Rollout): string {
  switch (subject.kind) {
    case "list":
      return `accept-list ${subject.version}`;
    case "release":
      return `release ${subject.number}`;
    case "script":
      return `${subject.script} ${subject.version}`;
  }
}
