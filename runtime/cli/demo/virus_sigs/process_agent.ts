import type { Outcome } from "../../../core/outcome.ts";
import { within } from "../../../core/wait.ts";
import { SMALL, TOOLS } from "../../service/unit.ts";
import type { NetworkMachine } from "../network/machines.ts";
import type { DeskAgent, Document } from "./desk_agent.ts";

const MAIN = new URL("../../../../main.ts", import.meta.url).pathname;
const READER = new URL("./read_url.ts", import.meta.url).pathname;
/** Where an agent on a machine of its own listens. */
export const PORT = 8799;
/** How long anything may take that is waited for. */
const PATIENCE_MS = 120_000;
/** How long an agent may take to end in order. */
const STOP_MS = 30_000;

/**
 * Starts `writ agent` on a machine of its own, by the policy in its folder, as its owner would.
 *
 * @param key File with the operator's private key.
 */
export async function startProcess(
  dir: string,
  machine: NetworkMachine,
  key: string,
): Promise<DeskAgent> {
  const { address, namespace } = machine;
  const writ = (...args: string[]) => ["run", ...rightsOf(dir), MAIN, "-C", dir, "--json", ...args];
  const agent = [
    "run",
    ...SMALL,
    ...rightsOf(dir),
    MAIN,
    "-C",
    dir,
    "--json",
    "agent",
    "--no-watch",
  ];
  const child = namespace.command(Deno.execPath(), agent, {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const log = await Deno.open(`${dir}/agent.log`, { create: true, append: true });
  // A disk that is full ends the log, and not the demo.
  const logged = child.stderr.pipeTo(log.writable).catch(() => {});
  const ready = await within(PATIENCE_MS, firstLine(child.stdout)).catch(() => {
    // Nobody would end it later; its log says how far it came.
    child.kill("SIGKILL");
    return undefined;
  });
  if (ready === undefined) {
    await logged;
    throw new Error(`Cannot start an agent: ${await Deno.readTextFile(`${dir}/agent.log`)}`);
  }
  const { agent: id, ca } = JSON.parse(ready);

  async function run(args: readonly string[]): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const command = namespace.command(Deno.execPath(), args, { stdin: "null", signal });
    const { stdout, stderr } = await command.output();
    if (stdout.length > 0) return new TextDecoder().decode(stdout);
    throw new Error(new TextDecoder().decode(stderr));
  }

  return {
    ...{ id, url: `https://${address}:${PORT}`, ca, dir },
    async order(script, input, documents): Promise<Outcome> {
      const files = await laidDown(dir, documents);
      const attached = files.length > 0 ? ["--attach", ...files] : [];
      const order = ["order", script, "--key", key, "--input", JSON.stringify(input), ...attached];
      return JSON.parse(await run(writ(...order, "--follow")));
    },
    async read(path) {
      const rights = ["--no-prompt", "--allow-net", "--allow-read"];
      const url = `https://localhost:${PORT}${path}`;
      return await run(["run", "--quiet", ...rights, READER, url, `${dir}/state/tls/ca.pem`]);
    },
    reload: async () => void await run(writ("policy", "reload")),
    async stop() {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended: Ctrl-C is for all processes of a terminal.
      }
      await within(STOP_MS, child.status).catch(() => child.kill("SIGKILL"));
      await child.status;
      await logged;
    },
  };
}

/** Those that `deno task agent` gives the agent of a folder. */
export function rightsOf(dir: string): string[] {
  return [
    ...["--no-prompt", "--ignore-env", "--allow-read", `--allow-write=${dir},/var/cache/writ`],
    ...["--allow-net", "--allow-sys=uid"],
    `--allow-run=${[...TOOLS, Deno.execPath()].join(",")}`,
  ];
}

/** The documents as files of the machine. */
async function laidDown(dir: string, documents: readonly Document[]): Promise<string[]> {
  await Deno.mkdir(`${dir}/documents`, { recursive: true });
  return await Promise.all(documents.map(async ({ name, bytes }) => {
    await Deno.writeFile(`${dir}/documents/${name}`, bytes);
    return `${dir}/documents/${name}`;
  }));
}

/** The rest is thrown away; nothing when there is none. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) return undefined;
    text += value;
  }
  await reader.cancel();
  return text.slice(0, text.indexOf("\n"));
}
