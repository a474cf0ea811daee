import { statfs } from "node:fs/promises";
import { exists } from "../../author/path_kind.ts";
import type { Cli } from "../cli.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { checkDisk, checkInForce, checkPrivate, type Diagnosis } from "./doctor.ts";

/** Files of a state folder that are for the agent's user alone. */
const SECRETS = ["agent.key", "operator.token", "agent.db"];

/** Looks at an agent's state folder: who may read it, who uses it, whether its log holds. */
export async function checkState(cli: Cli, fleet: Fleet): Promise<Diagnosis[]> {
  const { state } = fleet;
  const there = await exists(state);
  const disk = checkDisk(there ? state : fleet.dir, await freeAt(there ? state : fleet.dir));
  if (!there) return [{ check: "agent", status: "ok", found: "has never run here" }, disk];
  return [
    ...await checkSecrets(state),
    ...await checkAgent(cli, fleet),
    disk,
    ...await checkAudit(state),
  ];
}

async function checkSecrets(state: string): Promise<Diagnosis[]> {
  const checks: Diagnosis[] = [];
  for (const name of SECRETS) {
    const path = `${state}/${name}`;
    const mode = await Deno.stat(path).then(({ mode }) => mode, () => undefined);
    const check = checkPrivate("state", path, mode);
    if (check.status !== "ok") checks.push(check);
  }
  return checks;
}

async function checkAgent(cli: Cli, fleet: Fleet): Promise<Diagnosis[]> {
  const check = "agent";
  const path = `${fleet.state}/agent.url`;
  const url = (await Deno.readTextFile(path).catch(() => "")).trim();
  const locked = isLocked(`${fleet.state}/agent.lock`);
  if (!locked) {
    if (url === "") return [{ check, status: "ok", found: "not running" }];
    return [{
      check,
      status: "warning",
      found: `was killed: it left its address ${url} behind`,
      fix: "start it again: writ agent",
      repair: { kind: "remove", path },
    }];
  }
  try {
    const { findAgent } = await import("../reach/find_agent.ts");
    const agent = await findAgent(cli, { fleet: fleet.dir, state: fleet.state });
    await (await agent.ask("/healthz")).body?.cancel();
    const { digest } = await agent.json<{ digest: string }>("/v1/policy");
    const written = await writtenPolicy(cli, fleet);
    return [
      { check, status: "ok", found: `running at ${url}` },
      ...(written === undefined ? [] : [checkInForce(digest, written)]),
    ];
  } catch (error) {
    return [{
      check,
      status: "problem",
      found: `holds its state folder and does not answer at ${url || "any address"}: ` +
        (error as Error).message,
      fix: "look at what it logs; stop it with SIGTERM and start it again",
    }];
  }
}

/** The digest that the files would have in force; none while they have mistakes. */
async function writtenPolicy(cli: Cli, { policy, kept }: Fleet) {
  const [{ loadPolicyDir }, { policyOf }] = await Promise.all([
    import("../../policy/mod.ts"),
    import("../policy/policy_of.ts"),
  ]);
  try {
    const loaded = await loadPolicyDir(policy, { kept });
    return (await policyOf(loaded, cli.io.now())).digest;
  } catch {
    return undefined; // told by the check of the policy
  }
}

function isLocked(path: string): boolean {
  try {
    using file = Deno.openSync(path, { read: true, write: true });
    return !file.tryLockSync(true);
  } catch {
    return false; // no agent has run here, or its lock is not ours to ask
  }
}

async function checkAudit(state: string): Promise<Diagnosis[]> {
  const check = "audit";
  const { AuditReader } = await import("../../agent/audit/audit_reader.ts");
  try {
    using audit = AuditReader.open(state);
    const { ok, rows, firstBad } = audit.verify();
    if (ok) return [{ check, status: "ok", found: `${rows} rows, and every link holds` }];
    return [{
      check,
      status: "problem",
      found: `row ${firstBad!.seq} is ${firstBad!.fault}`,
      fix: "writ audit verify says more; keep a copy of the state before anything else",
    }];
  } catch (error) {
    if ((error as { code?: string }).code === "no_state") return [];
    const found = `cannot be read: ${(error as Error).message}`;
    return [{ check, status: "problem", found, fix: "read it as the agent's user" }];
  }
}

/** What this user may still write there; nothing where the system does not say. */
async function freeAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
