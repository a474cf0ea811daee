import { exists } from "../../../author/path_kind.ts";
import { printable } from "../../../core/printable.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findFleet, type FleetOptions, withState } from "../../fleet/fleet.ts";
import { changeLines, changeSummary } from "../../policy/change_lines.ts";
import type { ListedList } from "../../policy/list_history.ts";
import { table } from "../../terminal/table.ts";

/** One time that the agent loaded a policy, as its audit log has it. */
interface Load {
  readonly seq: number;
  readonly time: string;
  readonly policy: string;
  readonly changes: readonly string[];
}

/** Rows of the audit log that are searched for loads. */
const ROWS = 20_000;

/** `writ policy log`: the signed lists one after another, and what the agent here has loaded. */
export function addLog(group: Registry): void {
  const command = group.command(
    "log",
    "list the signed lists with what each changed, and when the agent here loaded which policy",
    "writ policy log",
  );
  withState(command).action(group.action(runLog));
}

/** `writ policy show`: what one signed list says. */
export function addShow(group: Registry): void {
  const command = group.command(
    "show [number]",
    "say what a signed list accepts and grants, and what it changed (default: the newest)",
    "writ policy show 3",
  );
  withState(command).action(group.action(runShow));
}

async function runLog(cli: Cli, options: FleetOptions): Promise<void> {
  const lists = await readLists(cli, options);
  const loads = await readLoads((await findFleet(cli, options)).state);
  const answer = {
    lists: lists.map(({ list: { version, epoch, issued, expires }, ...rest }) => ({
      version,
      epoch,
      issued,
      expires,
      ...rest,
    })),
    loads,
  };
  cli.answer(answer, () =>
    [
      ...(lists.length === 0
        ? ["No list is signed yet: writ policy sign"]
        : [listTable(cli, lists)]),
      "",
      ...(loads.length === 0 ? ["No agent has loaded a policy here"] : [
        cli.out.dim("LOADED HERE"),
        ...loads.flatMap(({ time, policy, changes }) => [
          `${time}  ${policy.slice(0, 23)}…`,
          ...changes.map((change) => `    ${printable(change)}`),
        ]),
      ]),
    ].join("\n"));
}

async function runShow(cli: Cli, text: string | undefined, options: FleetOptions): Promise<void> {
  const lists = await readLists(cli, options);
  const found = text === undefined
    ? lists.at(-1)
    : lists.find(({ list }) => String(list.version) === text);
  if (!found) {
    const there = lists.map(({ list }) => list.version).join(", ") || "none";
    throw new CliError(
      "no_such_file",
      `Cannot find accept-list ${text ?? 1} here`,
      `those there are: ${there}`,
    );
  }
  const { entryWords, denyWords } = await import("../../../policy/diff/diff_trust.ts");
  const { list, digest, signed, follows, changes } = found;
  cli.answer({ ...list, digest, signed, follows, changes }, () => {
    const section = (title: string, lines: readonly string[]) =>
      lines.length === 0
        ? []
        : [cli.out.dim(title), ...lines.map((line) => `  ${printable(line)}`)];
    return [
      `accept-list ${list.version} of fleet "${list.fleet}" (epoch ${list.epoch}), ` +
      `${list.issued} to ${list.expires}`,
      `${digest} ${stateWords(cli, found)}`,
      ...section(
        "publishers",
        Object.entries(list.publishers).map(([name, { keys, threshold }]) =>
          `${name}: ${threshold} of ${keys.length} keys`
        ),
      ),
      ...section("accepted", list.accept.map((entry) => `${entry.script}: ${entryWords(entry)}`)),
      ...section(
        "denied",
        list.deny.map((entry) =>
          `${"script" in entry ? `${entry.script}: ` : ""}${denyWords(entry)} (${entry.reason})`
        ),
      ),
      ...section(
        "granted",
        list.grants.map(({ script, orders }) => `${script}: ordered by ${orders.join(", ")}`),
      ),
      cli.out.dim("changed"),
      ...changeLines(changes, cli.out).map((line) => `  ${line}`),
      `  ${changeSummary(changes)}`,
    ].join("\n");
  });
}

async function readLists(cli: Cli, options: FleetOptions): Promise<ListedList[]> {
  const [{ listHistory }, { readRoots }] = await Promise.all([
    import("../../policy/list_history.ts"),
    import("../../policy/policy_of.ts"),
  ]);
  const folder = `${(await findFleet(cli, options)).policy}/signed`;
  if (!await exists(folder)) return [];
  return await listHistory(folder, await readRoots(folder));
}

/** The newest first; empty where no agent has run. */
async function readLoads(state: string): Promise<Load[]> {
  const { AuditReader } = await import("../../../agent/audit/audit_reader.ts");
  using audit = openedAt(state, AuditReader);
  if (!audit) return [];
  return audit.tail(ROWS).filter(({ event }) => event === "policy_loaded").reverse().map((row) => {
    const { policy, changes = [] } = JSON.parse(row.detail);
    return { seq: row.seq, time: new Date(row.time).toISOString(), policy, changes };
  });
}

/** `undefined` where no agent has run. */
function openedAt<T>(state: string, reader: { open(state: string): T }): T | undefined {
  try {
    return reader.open(state);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "no_state") return undefined;
    throw error;
  }
}

function listTable(cli: Cli, lists: readonly ListedList[]): string {
  return table(
    ["LIST", "EPOCH", "ISSUED", "EXPIRES", "CHANGED", ""],
    lists.toReversed().map((listed) => [
      String(listed.list.version),
      String(listed.list.epoch),
      listed.list.issued,
      listed.list.expires,
      changeSummary(listed.changes),
      stateWords(undefined, listed),
    ]),
    cli.out.dim,
  );
}

function stateWords(cli: Cli | undefined, { signed, follows }: ListedList): string {
  const bad = [
    ...(signed ? [] : ["not signed by the role accept of the newest root"]),
    ...(follows ? [] : ["does not name the list before it"]),
  ].join(", ");
  return bad === "" || !cli ? bad : cli.out.red(bad);
}
