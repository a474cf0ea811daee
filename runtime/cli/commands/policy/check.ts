import { type Mistake, renderMistake } from "../../../policy/errors.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet.ts";
import { printable } from "../../printable.ts";

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
  const kept = fleet ? [fleet.state, fleet.keys] : [];
  const { mistakes, warnings, loaded } = await checkPolicyDir(path, { kept });
  const problems = loaded?.mode === "local" ? await pathProblems(loaded.grants, kept) : [];
  const policy = loaded?.mode === "local" ? loaded.policy.digest : null;
  const ok = mistakes.length === 0 && problems.length === 0;
  cli.answer({ ok, mistakes, paths: problems, warnings, policy }, () => {
    const { red, yellow, green, dim } = cli.out;
    const lines = [
      ...mistakes.map((m) => `${red("mistake")} ${shown(cli, m)}`),
      ...problems.map((p) =>
        `${red("mistake")} grant of ${p.script}: ${p.kind} ${printable(p.message)}`
      ),
      ...warnings.map((m) => `${yellow("warning")} ${shown(cli, m)}`),
    ];
    const found = mistakes.length + problems.length;
    lines.push(
      ok
        ? `${green("ok")}: the policy in ${path} can be used${policy ? dim(` (${policy})`) : ""}`
        : `${red("refused")}: ${found} ${found === 1 ? "mistake" : "mistakes"}`,
    );
    return lines.join("\n");
  });
  return ok ? 0 : 1;
}

async function pathProblems(
  grants: readonly { script: string; permissions: object }[],
  kept: readonly string[],
) {
  const { checkGrantedPaths } = await import("../../../policy/mod.ts");
  const found = await Promise.all(
    grants.map(async ({ script, permissions }) =>
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
