import type { Step } from "../../author/inspect.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import type { Cli, Registry } from "../cli.ts";
import { type FleetOptions, seekFleet, withFleet } from "../fleet.ts";
import { printable } from "../printable.ts";

interface Options extends FleetOptions {
  policy?: string;
}

/** `writ verify`: what holds of a file, step by step. */
export function addVerify(registry: Registry): void {
  const command = registry.command(
    "verify <file...>",
    "say step by step what holds of signed documents and modules",
    "writ verify dist/hello-1.0.0/manifest.signed.json",
  )
    .option("--policy <dir>", "judge by this policy folder (default: the fleet's)");
  withFleet(command).action(registry.action(runVerify));
}

async function runVerify(cli: Cli, files: string[], options: Options): Promise<number> {
  const { inspectFile } = await import("../inspect_file.ts");
  const policy = await findPolicy(cli, options);
  const results: { file: string; ok: boolean; steps: Step[] }[] = [];
  for (const file of files) {
    const steps = await inspectFile(cli, file, policy);
    results.push({ file, ok: steps.every(({ ok }) => ok !== false), steps });
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

async function findPolicy(cli: Cli, options: Options): Promise<PolicyInForce | undefined> {
  const dir = options.policy === undefined
    ? (await seekFleet(cli, options))?.policy
    : cli.path(options.policy);
  if (dir === undefined) return undefined;
  const [{ loadPolicyDir }, { policyOf }] = await Promise.all([
    import("../../policy/mod.ts"),
    import("../policy_of.ts"),
  ]);
  return await policyOf(await loadPolicyDir(dir), cli.io.now());
}

function stepLine(cli: Cli, { step, ok, found, code }: Step): string {
  const { green, red, yellow } = cli.out;
  const mark = ok === undefined ? yellow("?  ") : ok ? green("ok ") : red("NO ");
  return `  ${mark} ${step.padEnd(10)} ${code ? `${red(code)}: ` : ""}${printable(found)}`;
}
