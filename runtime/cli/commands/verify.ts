import type { Step } from "../../author/inspect.ts";
import type { KeyId } from "../../core/documents/common.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { printable } from "../../core/printable.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type FleetOptions, seekFleet, withFleet } from "../fleet/fleet.ts";
import { inPackedFolder } from "../signing/packed_folder.ts";

interface Options extends FleetOptions {
  /** A folder; false for `--no-policy`. */
  policy?: string | false;
  for?: string;
}

/** `writ verify`: what holds of a file, step by step. */
export function addVerify(registry: Registry): void {
  const command = registry.command(
    "verify <file...>",
    "say step by step what holds of signed documents and modules",
    "writ verify dist/hello-1.0.0",
  )
    .option("--policy <dir>", "judge by this policy folder (default: the fleet's)")
    .option("--no-policy", "look at the documents alone, and at nobody's right to sign them")
    .option("--for <agent>", "the agent that an order is meant for: writ-key:…");
  withFleet(command).action(registry.action(runVerify));
}

async function runVerify(cli: Cli, files: string[], options: Options): Promise<number> {
  const { inspectFile } = await import("../signing/inspect_file.ts");
  const policy = await findPolicy(cli, options);
  const agent = options.for === undefined ? undefined : await agentFrom(options.for);
  const results: { file: string; ok: boolean; steps: Step[] }[] = [];
  for (const path of files) {
    const file = await inPackedFolder(cli, path, "manifest.signed.json");
    const steps = await inspectFile(cli, file, policy, agent);
    const judged = options.policy === false || !steps.some(isUnjudged);
    results.push({ file, ok: judged && steps.every(({ ok }) => ok !== false), steps });
  }
  const ok = results.every((result) => result.ok);
  cli.answer(
    { ok, files: results },
    () =>
      results.map(({ file, steps }) =>
        [cli.out.bold(printable(file)), ...steps.map((step) => stepLine(cli, step))].join("\n")
      ).join("\n"),
  );
  return ok ? 0 : 1;
}

/** Whether nobody's right to sign was looked at: a document like that proves nothing. */
function isUnjudged({ step, ok }: Step): boolean {
  return ok === undefined && (step === "publisher" || step === "orderer");
}

async function agentFrom(text: string): Promise<KeyId> {
  const [{ keyIdSchema }, { is }] = await Promise.all([
    import("../../core/documents/common.ts"),
    import("valibot"),
  ]);
  if (is(keyIdSchema, text)) return text;
  throw new CliError("usage", `Cannot use --for "${text}" as it is no agent's id: writ-key:…`);
}

async function findPolicy(cli: Cli, options: Options): Promise<PolicyInForce | undefined> {
  if (options.policy === false) return undefined;
  const dir = options.policy === undefined
    ? (await seekFleet(cli, options))?.policy
    : cli.path(options.policy);
  if (dir === undefined) return undefined;
  const [{ loadPolicyDir }, { policyOf }] = await Promise.all([
    import("../../policy/mod.ts"),
    import("../policy/policy_of.ts"),
  ]);
  return await policyOf(await loadPolicyDir(dir), cli.io.now());
}

function stepLine(cli: Cli, { step, ok, found, code }: Step): string {
  const { green, red, yellow } = cli.out;
  const mark = ok === undefined ? yellow("?  ") : ok ? green("ok ") : red("NO ");
  return `  ${mark} ${step.padEnd(10)} ${code ? `${red(code)}: ` : ""}${printable(found)}`;
}
