import type { Release } from "../../core/documents/release.ts";
import { START_FILE } from "../../core/release_files.ts";
import { AgentError } from "../errors.ts";

/** The one program that an agent may start besides those of its cells; it starts the release. */
const STARTER = "/usr/bin/setpriv";

/**
 * Starts a release far enough to say which it is: a program that does not run here, or another
 * than the release says, is found out before the agent gives up its place.
 *
 * @param state The agent's state folder, as the release will get it.
 * @throws {AgentError} release_broken – it does not start, or is another version
 */
export async function tryRelease(folder: string, release: Release, state: string): Promise<void> {
  const version = await said([`${folder}/${START_FILE}`, folder, state, "--version"]);
  const deno = await said([`${folder}/deno`, "--version"]);
  requireSame(version, release.version, "Writ");
  requireSame(/^deno (\S+)/.exec(deno)?.[1] ?? deno, release.deno, "Deno");
}

async function said(command: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(STARTER, {
    args: ["--no-new-privs", ...command],
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trim();
  throw broken(`it does not start: ${decoder.decode(stderr).trim().slice(0, 500)}`);
}

function requireSame(found: string, said: string, what: string): void {
  if (found !== said) throw broken(`its ${what} is "${found.slice(0, 100)}", not ${said}`);
}

function broken(found: string): AgentError {
  return new AgentError("release_broken", `Cannot take the release as ${found}`);
}
