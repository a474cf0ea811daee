import { writeAtomically } from "../../author/atomic_file.ts";
import { exists } from "../../author/path_kind.ts";
import type { RoleStatus, SignatureStatus } from "../../author/signature_status.ts";
import { printable } from "../../core/printable.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/** What stands at the end of the name of a root or list that too few have signed. */
const PARTIAL = ".partial.json";

/**
 * Puts a root or list where agents look, once enough have signed it; until then beside it, under a
 * name that no agent reads.
 *
 * @param name Without `.json`, such as `policy/signed/acceptlist.2`.
 * @returns The file's path.
 */
export async function storeSigned(
  name: string,
  envelope: Uint8Array,
  complete: boolean,
): Promise<string> {
  const path = `${name}${complete ? ".json" : PARTIAL}`;
  await writeAtomically(path, envelope);
  if (complete) await Deno.remove(`${name}${PARTIAL}`).catch(() => {});
  return path;
}

/**
 * @throws {CliError} refused – when one waits for signatures already: what others have signed would
 * be lost
 */
export async function requireNoPartial(name: string): Promise<void> {
  const path = `${name}${PARTIAL}`;
  if (!await exists(path)) return;
  throw new CliError(
    "refused",
    `Cannot make another one as "${path}" still waits for signatures`,
    `see who is missing: writ sign --status ${path}; or remove it to start anew`,
  );
}

/** The name that a file gets when enough have signed it; `undefined` when it has it already. */
export function finalName(path: string): string | undefined {
  return path.endsWith(PARTIAL) ? path.slice(0, -PARTIAL.length) : undefined;
}

/** Who signed and who is missing, one line for each role. */
export function statusLines(cli: Cli, { roles, strangers, complete }: SignatureStatus): string[] {
  const { green, yellow, red } = cli.out;
  return [
    ...roles.flatMap((role) => [
      `${role.complete ? green("ok     ") : yellow("waiting")} ${printable(role.role)}: ` +
      `${role.signed.length} of ${role.threshold} signed`,
      ...role.signed.map((id) => `          signed  ${id}`),
      ...(role.complete ? [] : role.waiting.map((id) => `          missing ${id}`)),
    ]),
    ...strangers.map((id) => `${red("unknown")} ${printable(id)} counts for no role known here`),
    complete ? green("complete") : yellow(wantingWords(roles)),
  ];
}

function wantingWords(roles: readonly RoleStatus[]): string {
  if (roles.length === 0) return "nothing is known here about who has to sign";
  const wanting = roles.filter(({ complete }) => !complete)
    .map(({ role, threshold, signed }) => `${threshold - signed.length} more of ${role}`);
  return `not complete: ${printable(wanting.join(", "))}`;
}
