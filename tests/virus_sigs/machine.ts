import assert from "node:assert/strict";
import { EICAR } from "../../runtime/capabilities/scanner/eicar.ts";
import type { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { readTestDatabase } from "./clamav_data.ts";

/** What grants tell the script in tests. */
export const SETTINGS = { databases: ["test"], every: 2 };

/** One of the vendor's files as a document of an order, under its own or another name. */
export function file(name: string, from = name) {
  return { name, bytes: readTestDatabase(from) };
}

/** The same with one bit flipped. */
export function flipped(name: string, from = name, at = 700) {
  const bytes = readTestDatabase(from);
  bytes[Math.min(at, bytes.length - 1)]! ^= 1;
  return { name, bytes };
}

/** The increments that lead from version 1 to 6. */
export const increments = () => [2, 3, 4, 5, 6].map((version) => file(`test-${version}.cdiff`));

/** Folders of scanners, which nobody's programs can reach. */
export async function scannerFolders(): Promise<AsyncDisposable & { of(name: string): string }> {
  const root = await Deno.makeTempDir({ prefix: "writ-scanners-" });
  await Deno.chmod(root, 0o755);
  return {
    of: (name) => `${root}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** A machine whose scanner was given its databases by hand. */
export async function withVersion(folder: string, version: number): Promise<void> {
  await Deno.mkdir(`${folder}/generations/1`, { recursive: true });
  const bytes = readTestDatabase(`test-${version}.cvd`);
  await Deno.writeFile(`${folder}/generations/1/test.cvd`, bytes);
  await Deno.symlink("generations/1", `${folder}/current`);
}

/** Whether the real scanner finds the canary with what is in use. */
export async function finds(clamscan: string, folder: string): Promise<boolean> {
  const canary = await Deno.makeTempFile();
  await Deno.writeTextFile(canary, EICAR);
  const { code } = await new Deno.Command(clamscan, {
    args: [`--database=${folder}/current`, "--no-summary", canary],
    stdout: "null",
  }).output();
  await Deno.remove(canary);
  assert.ok(code === 0 || code === 1, `clamscan ended with ${code}`);
  return code === 1;
}

/** As much of what the script answers as is looked at. */
export interface Answer {
  readonly used: string;
  readonly why: string;
  readonly for: string;
  readonly current: { readonly id: number };
}

/** Orders a run that must end well, and answers its result. */
export async function ordered(
  office: SignatureOffice,
  ...order: Parameters<SignatureOffice["order"]>
): Promise<Answer> {
  const outcome = await office.order(...order);
  assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
  return (outcome as unknown as { result: Answer }).result;
}

/** Orders a run that must be refused by the script, in words alone. */
export async function refused(
  office: SignatureOffice,
  ...order: Parameters<SignatureOffice["order"]>
): Promise<{ readonly name: string; readonly message: string }> {
  const outcome = await office.order(...order);
  assert.ok(outcome.outcome === "script_error", JSON.stringify(outcome));
  const { name, message, stack } = outcome.detail;
  assert.equal(stack, undefined, "a person can do nothing with it");
  return { name, message };
}

/** The version of a database or list that an agent could pass on; 0 for none. */
export async function shelved(office: SignatureOffice, name: string, of = "test.cvd") {
  const { databases } = await office.status(name);
  const found = databases.find((database: { name: string }) => database.name === of);
  return (found?.version ?? 0) as number;
}
