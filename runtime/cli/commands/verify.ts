import { dirname } from "node:path";
import type { Step } from "../../author/inspect.ts";
import { digestOf, hexOf } from "../../core/digest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import type { Cli, Registry } from "../cli.ts";
import { readUserFile } from "../files.ts";
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

async function inspectFile(
  cli: Cli,
  file: string,
  policy: PolicyInForce | undefined,
): Promise<Step[]> {
  const [inspect, { seeDocument }] = await Promise.all([
    import("../../author/inspect.ts"),
    import("../../author/document_kind.ts"),
  ]);
  const path = cli.path(file);
  const bytes = await readUserFile(path, file, 4 * LIMITS.MODULE_BYTES);
  const seen = seeDocument(bytes);
  if (!seen && file.endsWith(".json")) return inspect.inspectUnknown(file);
  if (!seen) return await inspect.inspectModule(bytes, file);
  if (seen.form === "payload") return inspect.inspectPayload(seen.kind, bytes);
  const options = { now: cli.io.now(), ...(policy && { policy }) };
  switch (seen.kind) {
    case "manifest": {
      const module = await findModule(path, bytes);
      return await inspect.inspectManifest(bytes, { ...options, ...(module && { module }) });
    }
    case "order":
      return inspect.inspectOrder(bytes, options);
    default:
      return await inspectList(seen.kind, path, bytes, cli.io.now());
  }
}

/** A root or an accept-list is judged by the roots that lie beside it. */
async function inspectList(
  kind: "root" | "acceptlist",
  path: string,
  bytes: Uint8Array,
  now: number,
): Promise<Step[]> {
  const { Steps } = await import("../../author/inspect.ts");
  const { readSignedFolder } = await import("../policy_of.ts");
  const { verifyAcceptList } = await import("../../core/verification/accept_list.ts");
  const steps = new Steps();
  if (!steps.open(kind, bytes)) return steps.list;
  try {
    const { root } = await readSignedFolder(dirname(path), now);
    steps.judge("roots", () => `root ${root.version} of fleet "${root.fleet}" holds`);
    if (kind === "acceptlist") {
      steps.judge("list", () => {
        const { list } = verifyAcceptList(bytes, { root, now });
        return `version ${list.version}, signed by the role accept, good until ${list.expires}`;
      });
    }
  } catch (error) {
    steps.judge("roots", () => {
      throw error;
    });
  }
  return steps.list;
}

/** The module of a manifest: beside it, as `pack` leaves it, or where `publish` puts it. */
async function findModule(path: string, envelope: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const { module } = parseDocument("manifest", openEnvelope("manifest", envelope).payload);
    const folder = dirname(path);
    const candidates = [`${folder}/../../../modules/${hexOf(module.sha256)}`];
    for await (const { name } of Deno.readDir(folder)) {
      if (/\.m?[jt]s$/.test(name)) candidates.push(`${folder}/${name}`);
    }
    const found: Uint8Array[] = [];
    for (const candidate of candidates) {
      const bytes = await Deno.readFile(candidate).catch(() => undefined);
      if (bytes) found.push(bytes);
    }
    // A module with other bytes is shown as what it is: not the one that was signed.
    return found.find((bytes) => digestOf(bytes) === module.sha256) ?? found[0];
  } catch {
    return undefined;
  }
}

function stepLine(cli: Cli, { step, ok, found, code }: Step): string {
  const { green, red, yellow } = cli.out;
  const mark = ok === undefined ? yellow("?  ") : ok ? green("ok ") : red("NO ");
  return `  ${mark} ${step.padEnd(10)} ${code ? `${red(code)}: ` : ""}${printable(found)}`;
}
