import type { AuditVerdict } from "../../agent/audit/verify_audit.ts";
import type { AuditRow } from "../../agent/mod.ts";
import { printable } from "../../core/printable.ts";
import { readPublicKey } from "../arguments/public_key.ts";
import { wholeNumber } from "../arguments/whole_number.ts";
import type { Cli, Registry } from "../cli.ts";
import { findState, type FleetOptions, withState } from "../fleet/fleet.ts";

interface TailOptions extends FleetOptions {
  lines: string;
}

interface VerifyOptions extends FleetOptions {
  key?: string;
}

interface ExportOptions extends FleetOptions {
  after: string;
}

/** `writ audit`: what the agent wrote down, read from its state folder, running or not. */
export function addAudit(registry: Registry): void {
  const group = registry.group(
    "audit",
    "read, verify and export the agent's audit log",
    "writ audit tail",
  );
  const tail = group.command("tail", "show the last rows", "writ audit tail -n 50")
    .option("-n, --lines <count>", "how many rows", "20");
  withState(tail).action(group.action(runTail));
  const verify = group.command(
    "verify [file]",
    "walk the whole log, or an exported one: every hash, every link, the signed head",
    "writ audit verify",
  )
    .option("--key <key>", "the agent's public key, for a file of another machine");
  withState(verify).action(group.action(runVerify));
  const exporting = group.command(
    "export",
    "write the log as lines of JSON, the signed head first, for another machine to keep and check",
    "writ audit export > audit.jsonl",
  )
    .option("--after <seq>", "leave out the rows up to this one", "0");
  withState(exporting).action(group.action(runExport));
}

async function runTail(cli: Cli, options: TailOptions): Promise<void> {
  const lines = wholeNumber("--lines", options.lines, { least: 1, most: 999_999 });
  const { AuditReader } = await import("../../agent/audit/audit_reader.ts");
  using audit = AuditReader.open(await findState(cli, options));
  const rows = audit.tail(lines).map((row) => ({
    seq: row.seq,
    time: new Date(row.time).toISOString(),
    event: row.event,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    hash: row.hash,
  } satisfies Record<keyof Omit<AuditRow, "prev">, unknown>));
  cli.answer(
    { rows },
    () =>
      rows.map(({ seq, time, event, detail }) =>
        `${cli.out.dim(`${String(seq).padStart(6)} ${time}`)} ${printable(event).padEnd(16)} ` +
        printable(wordsOf(detail))
      ).join("\n"),
  );
}

async function runVerify(
  cli: Cli,
  file: string | undefined,
  options: VerifyOptions,
): Promise<number> {
  const verdict = file === undefined
    ? await verifyHere(cli, options)
    : await verifyFile(cli, file, options);
  const { rows, ok, firstBad } = verdict;
  cli.answer(
    verdict,
    () =>
      ok
        ? `${cli.out.green("ok")}: ${rows} rows, every hash, every link and the signed head hold`
        : `${cli.out.red("broken")}: row ${firstBad!.seq} is ${FAULTS[firstBad!.fault]}`,
  );
  return ok ? 0 : 1;
}

async function verifyHere(cli: Cli, options: VerifyOptions): Promise<AuditVerdict> {
  const { AuditReader } = await import("../../agent/audit/audit_reader.ts");
  using audit = AuditReader.open(await findState(cli, options));
  return audit.verify(
    options.key === undefined ? undefined : await readPublicKey(cli, options.key),
  );
}

async function verifyFile(cli: Cli, file: string, options: VerifyOptions): Promise<AuditVerdict> {
  const [{ verifyExport }, { AuditReader }, { linesOf }] = await Promise.all([
    import("../../agent/audit/audit_export.ts"),
    import("../../agent/audit/audit_reader.ts"),
    import("../arguments/lines.ts"),
  ]);
  if (options.key !== undefined) {
    return verifyExport(linesOf(cli.path(file)), await readPublicKey(cli, options.key));
  }
  using audit = AuditReader.open(await findState(cli, options));
  return verifyExport(linesOf(cli.path(file)), audit.ownKey());
}

async function runExport(cli: Cli, options: ExportOptions): Promise<void> {
  const after = wholeNumber("--after", options.after);
  const [{ exportAudit }, { AuditReader }] = await Promise.all([
    import("../../agent/audit/audit_export.ts"),
    import("../../agent/audit/audit_reader.ts"),
  ]);
  using audit = AuditReader.open(await findState(cli, options));
  for (const line of exportAudit(audit, after)) cli.io.stdout.write(`${line}\n`);
}

const FAULTS: Readonly<Record<string, string>> = {
  changed: "not what was written: its content does not have its hash",
  missing: "not the next one: rows before it are missing",
  unlinked: "not linked to the row before it",
  cut: "missing: the end of the log was cut off",
  rewritten: "not the one that the agent signed: the log was written anew",
  unsigned: "beyond what the agent signed",
  bad_head: "named by a head that the agent did not sign",
  no_head: "there without any signed head",
};

function wordsOf(detail: Record<string, unknown>): string {
  return Object.entries(detail).map(([key, value]) =>
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  ).join(" ");
}
