import { collectBytes } from "../../core/collect_bytes.ts";
import type { Release } from "../../core/documents/release.ts";
import { START_FILE } from "../../core/release_files.ts";
import { AgentError } from "../errors.ts";

/** The one program that an agent may start besides those of its cells; it starts the release. */
const STARTER = "/usr/bin/setpriv";
/** How long a release may take to say which it is. */
const SAYS_WITHIN_MS = 30_000;
/** The most it may say, bytes. */
const MOST_SAID = 64 << 10;

/** What {@linkcode tryRelease} works with. */
export interface TryOptions {
  /** The agent's state folder, as the release will get it. */
  readonly state: string;
  /** Aborted when the agent stops. */
  readonly signal: AbortSignal;
  /** Default: {@linkcode SAYS_WITHIN_MS}. */
  readonly withinMs?: number;
}

/**
 * Starts a release far enough to say which it is: a program that does not run here, or another
 * than the release says, is found out before the agent gives up its place.
 *
 * @throws {AgentError} release_broken – it does not start, hangs, or is another version
 * @throws the signal's reason
 */
export async function tryRelease(
  folder: string,
  release: Release,
  { state, signal, withinMs = SAYS_WITHIN_MS }: TryOptions,
): Promise<void> {
  const limit = AbortSignal.timeout(withinMs);
  const either = AbortSignal.any([signal, limit]);
  const say = async (...command: string[]) => {
    try {
      return await said(command, either);
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.aborted) throw error;
      throw broken(`it does not say within ${withinMs / 1_000} s which it is`, error);
    }
  };
  const version = await say(`${folder}/${START_FILE}`, folder, state, "--version");
  const deno = await say(`${folder}/deno`, "--version");
  requireSame(version, release.version, "Writ");
  requireSame(/^deno (\S+)/.exec(deno)?.[1] ?? deno, release.deno, "Deno");
}

async function said(command: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const child = new Deno.Command(STARTER, {
    args: ["--no-new-privs", "--pdeathsig=KILL", ...command],
    clearEnv: true,
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  const end = () => kill(child);
  signal.addEventListener("abort", end);
  try {
    // What it has started itself may live on and hold the pipes: they are left when time is up.
    const read = (pipe: ReadableStream<Uint8Array<ArrayBuffer>>) =>
      collectBytes(pipe.pipeThrough(new TransformStream(), { signal }), MOST_SAID);
    const [out, problems, { success }] = await Promise.all([
      read(child.stdout),
      read(child.stderr),
      child.status,
    ]);
    const decoder = new TextDecoder();
    if (success && out) return decoder.decode(out).trim();
    throw broken(`it does not start: ${decoder.decode(problems).trim().slice(0, 500)}`);
  } finally {
    signal.removeEventListener("abort", end);
    end();
    await child.status;
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

function requireSame(found: string, said: string, what: string): void {
  if (found !== said) throw broken(`its ${what} is "${found.slice(0, 100)}", not ${said}`);
}

function broken(found: string, cause?: unknown): AgentError {
  return new AgentError("release_broken", `Cannot take the release as ${found}`, { cause });
}
