import type { Pending } from "../../../agent/mod.ts";
import { printable } from "../../../core/printable.ts";
import { readPublicKey } from "../../arguments/public_key.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findFleet } from "../../fleet/fleet.ts";
import type { PendingItem, PendingReport } from "../../policy/pending.ts";
import { type AgentOptions, findAgent, withAgent } from "../../reach/find_agent.ts";
import { table } from "../../terminal/table.ts";

interface ApproveOptions extends AgentOptions {
  publisherKey?: string[];
  range?: string;
  yes?: boolean;
}

/** `writ policy pending`: what was refused and could be let run by an entry of the policy. */
export function addPending(group: Registry): void {
  const command = group.command(
    "pending",
    "list what was refused and waits for a decision; in audit mode also what would have run",
    "writ policy pending",
  );
  withAgent(command).action(group.action(runPending));
}

/** `writ policy approve`: writes the entry that lets it run the next time. */
export function addApprove(group: Registry): void {
  const command = group.command(
    "approve <id>",
    "write the entry that settles one of writ policy pending: its id, or the script",
    "writ policy approve 3f2a91c0",
  )
    .option("--publisher-key <key...>", "keys of a publisher that is new here")
    .option("--range <range>", "accept these versions (default: exactly these bytes)")
    .option("--yes", "write without asking");
  withAgent(command).action(group.action(runApprove));
}

async function runPending(cli: Cli, options: AgentOptions): Promise<void> {
  const { report } = await readPending(cli, options);
  cli.answer(report, () => describe(cli, report));
}

async function runApprove(cli: Cli, id: string, options: ApproveOptions): Promise<void> {
  const [{ planApproval }, { changePolicy }] = await Promise.all([
    import("../../policy/plan_approval.ts"),
    import("../../policy/change_policy.ts"),
  ]);
  const { report, loaded, fleet } = await readPending(cli, options);
  if (loaded.mode !== "local") {
    throw new CliError(
      "refused",
      "Cannot approve here as a signed list says what is accepted",
      "approve in the admin's folder, with --agent and --state of this agent, and sign a new list",
    );
  }
  const item = await select(report, id);
  const writes = await planApproval(item, loaded, {
    fleet,
    keys: await Promise.all((options.publisherKey ?? []).map((key) => readPublicKey(cli, key))),
    ...(options.range !== undefined && { range: options.range }),
  });
  if (writes.length === 0) {
    throw new CliError("refused", `Cannot approve ${id} as the policy says all of it already`);
  }
  const { script, rule, message } = item;
  const done = await changePolicy(cli, fleet, writes, {
    head: `${cli.err.bold(script)} was refused by ${rule}: ${printable(message)}\n`,
    yes: options.yes,
  });
  cli.answer(
    { id: item.id, script, rule, ...done },
    () =>
      `Approved ${cli.out.bold(script)} (${rule})
A running agent loads it by itself, or when told: writ policy reload. Then order it again`,
  );
}

async function readPending(cli: Cli, options: AgentOptions) {
  const [{ judgePending }, { loadPolicyDir }, { policyOf }] = await Promise.all([
    import("../../policy/pending.ts"),
    import("../../../policy/mod.ts"),
    import("../../policy/policy_of.ts"),
  ]);
  const fleet = await findFleet(cli, options);
  const agent = await findAgent(cli, options);
  const loaded = await loadPolicyDir(fleet.policy, { kept: fleet.kept });
  const policy = await policyOf(loaded, cli.io.now());
  const answer = await agent.json<{ auditMode: boolean; pending: Pending[] }>("/v1/policy/pending");
  return { report: await judgePending(answer, policy, loaded.fleet.sources), loaded, fleet };
}

async function select({ items }: PendingReport, id: string): Promise<PendingItem> {
  const found = items.filter((item) => item.id === id || item.script === id);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new CliError(
      "usage",
      `Cannot tell which refusal of "${id}" is meant: there are ${found.length}`,
      `give one of ${found.map((item) => item.id).join(", ")}`,
    );
  }
  const { didYouMean } = await import("../../../policy/near_word.ts");
  throw new CliError(
    "refused",
    `Cannot approve "${id}" as nothing pending has that id or script`,
    didYouMean(id, items.flatMap((item) => [item.id, item.script])) ??
      "writ policy pending lists what there is",
  );
}

function describe(cli: Cli, { auditMode, items, wouldRun }: PendingReport): string {
  const lines = auditMode ? ["Audit mode: nothing runs here, everything is recorded", ""] : [];
  if (wouldRun.length > 0) {
    lines.push(
      "Would have run:",
      ...wouldRun.map(({ script, times, run }) =>
        `  ${script}, ${times === 1 ? "once" : `${times} times`}, last as run ${run}`
      ),
      "",
    );
  }
  if (items.length === 0) return [...lines, "Nothing waits for a decision"].join("\n");
  return [
    ...lines,
    table(
      ["ID", "SCRIPT", "BY", "REFUSED AS", "TIMES", "APPROVE WOULD"],
      items.map(({ id, script, orderers, rule, permission, value, times, approval }) => [
        id,
        script,
        orderers.join(", "),
        permission === undefined ? rule : `${permission} ${value} is not granted`,
        String(times),
        approval,
      ]),
      cli.out.dim,
    ),
    "",
    "Why, in full: writ why RUN. Let it run: writ policy approve ID",
  ].join("\n");
}
