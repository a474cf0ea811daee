import type { Registry } from "../cli.ts";

/** Adds a command, and those below it, to the program. */
export type AddCommand = (registry: Registry) => void;

/**
 * Every command by its name, in the order of the help: from an author's first day to an
 * operator's. Each is loaded when it is wanted, as an agent that runs for months would keep in
 * memory what the others are made of.
 */
export const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ["init", async () => (await import("./init.ts")).addInit],
  ["keygen", async () => (await import("./keygen.ts")).addKeygen],
  ["new", async () => (await import("./new.ts")).addNew],
  ["try", async () => (await import("./try.ts")).addTry],
  ["test", async () => (await import("./test.ts")).addTest],
  ["pack", async () => (await import("./pack.ts")).addPack],
  ["sign", async () => (await import("./sign.ts")).addSign],
  ["publish", async () => (await import("./publish.ts")).addPublish],
  ["diff", async () => (await import("./diff.ts")).addDiff],
  ["verify", async () => (await import("./verify.ts")).addVerify],
  ["policy", async () => (await import("./policy/mod.ts")).addPolicy],
  ["key", async () => (await import("./key.ts")).addKey],
  ["root", async () => (await import("./root.ts")).addRoot],
  ["release", async () => (await import("./release.ts")).addRelease],
  ["agent", async () => (await import("./agent.ts")).addAgent],
  ["hub", async () => (await import("./hub/mod.ts")).addHub],
  ["enrol", async () => (await import("./enrol.ts")).addEnrol],
  ["order", async () => (await import("./order.ts")).addOrder],
  ["runs", async () => (await import("./runs.ts")).addRuns],
  ["why", async () => (await import("./why.ts")).addWhy],
  ["audit", async () => (await import("./audit.ts")).addAudit],
  ["backup", async () => (await import("./backup.ts")).addBackup],
  ["restore", async () => (await import("./restore.ts")).addRestore],
  ["doctor", async () => (await import("./doctor.ts")).addDoctor],
  ["completion", async () => (await import("./completion.ts")).addCompletion],
]);
