import { VerificationError } from "../../../core/errors.ts";
import type { PolicyInForce } from "../../../core/policy_in_force.ts";
import { printable } from "../../../core/printable.ts";
import { type Mistake, renderMistake } from "../../../policy/errors.ts";
import type { LoadedPolicy } from "../../../policy/mod.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";

/** `writ policy check`: every mistake of every file at once. */
export function addCheck(group: Registry): void {
  const command = group.command(
    "check [dir]",
    "look for mistakes in every policy file",
    "writ policy check",
  );
  withFleet(command).action(group.action(runCheck));
}

async function runCheck(cli: Cli, dir: string | undefined, options: FleetOptions): Promise<number> {
  const { checkPolicyDir } = await import("../../../policy/mod.ts");
  const fleet = dir === undefined ? await findFleet(cli, options) : undefined;
  const path = fleet?.policy ?? cli.path(dir!);
  const kept = fleet?.kept ?? [];
  const { mistakes, warnings, loaded } = await checkPolicyDir(path, { kept });
  const { inForce, refused } = await rulesOf(cli, loaded);
  const problems = inForce ? await pathProblems(inForce.grants.values(), kept) : [];
  const policy = inForce?.digest ?? null;
  const ok = mistakes.length === 0 && problems.length === 0 && !refused;
  cli.answer({ ok, mistakes, paths: problems, signed: refused ?? null, warnings, policy }, () => {
    const { red, yellow, green, dim } = cli.out;
    const lines = [
      ...mistakes.map((m) => `${red("mistake")} ${shown(cli, m)}`),
      ...problems.map((p) =>
        `${red("mistake")} grant of ${p.script}: ${p.kind} ${printable(p.message)}`
      ),
      ...(refused ? [`${red("refused")} ${refused.code}: ${printable(refused.message)}`] : []),
      ...warnings.map((m) => `${yellow("warning")} ${shown(cli, m)}`),
    ];
    const found = mistakes.length + problems.length + (refused ? 1 : 0);
    lines.push(
      ok
        ? `${green("ok")}: the policy in ${path} can be used${policy ? dim(` (${policy})`) : ""}`
        : `${red("refused")}: ${found} ${found === 1 ? "mistake" : "mistakes"}`,
    );
    return lines.join("\n");
  });
  return ok ? 0 : 1;
}

/** The rules an agent would work by; in signed mode also what is signed has to hold. */
async function rulesOf(
  cli: Cli,
  loaded: LoadedPolicy | undefined,
): Promise<{ inForce?: PolicyInForce; refused?: { code: string; message: string } }> {
  if (!loaded) return {};
  const { policyOf } = await import("../../policy/policy_of.ts");
  try {
    return { inForce: await policyOf(loaded, cli.io.now()) };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

async function pathProblems(
  grants: Iterable<{ script: string; permissions: object }>,
  kept: readonly string[],
) {
  const { checkGrantedPaths } = await import("../../../policy/mod.ts");
  const found = await Promise.all(
    [...grants].map(async ({ script, permissions }) =>
      (await checkGrantedPaths(permissions, { kept })).map((problem) => ({ script, ...problem }))
    ),
  );
  return found.flat();
}

/** Paths as the user would write them. */
function shown(cli: Cli, mistake: Mistake): string {
  const here = `${cli.path(".")}/`;
  const file = mistake.file.startsWith(here) ? mistake.file.slice(here.length) : mistake.file;
  return printable(renderMistake({ ...mistake, file }));
}
