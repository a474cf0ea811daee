import type { Control } from "../attack.ts";
import type { Canaries } from "../canaries.ts";
import { attackRequest } from "../subject.ts";

/** What Deno ends its question with. */
const QUESTION = /Allow\? \[y\/n[^>]*>/g;
/** Deno drops what is typed before it listens, so the person presses the key again. */
const KEY_MS = 250;
const DEADLINE_MS = 5_000;
/** In front of the answer, which stands among what the terminal shows. */
const MARK = "answered: ";

/**
 * A `deno run` without rights that asks at a terminal, and a person who answers yes to all they
 * are asked: what the script makes of the question does not matter once there is one.
 */
export const promptedHost: Control = {
  off: "questions asked at a terminal, and a person who is deceived",
  async run(attack, canaries) {
    const started = performance.now();
    const terminal = await openTerminal(
      attackRequest(attack, canaries).script.javascript,
      canaries,
    );
    const result = await answerAll(terminal);
    canaries.see(result);
    return {
      result,
      process: { peakBytes: 0, cpuMs: 0, stopped: false },
      outputBytes: 0,
      wallMs: performance.now() - started,
      cpuAfterEndMs: 0,
      hits: await canaries.hits(),
    };
  },
};

async function openTerminal(script: string, canaries: Canaries): Promise<Deno.ChildProcess> {
  const host = `const module = "data:text/javascript," + ${
    JSON.stringify(encodeURIComponent(script))
  };
    const { default: script } = await import(module);
    const ctx = { log: console, emit() {} };
    const answer = await script.run(${JSON.stringify(canaries.targets)}, ctx);
    console.log(${JSON.stringify(MARK)} + JSON.stringify(answer));`;
  await Deno.mkdir(canaries.scratch, { recursive: true });
  const file = `${canaries.scratch}/host.js`;
  await Deno.writeTextFile(file, host);
  return new Deno.Command("script", {
    args: ["-qec", `${Deno.execPath()} run --quiet --no-config --no-lock ${file}`, "/dev/null"],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", NO_COLOR: "1", TERM: "xterm", DENO_DIR: `${canaries.scratch}/d` },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** @returns The script's answer, if it came. */
async function answerAll(terminal: Deno.ChildProcess): Promise<unknown> {
  const deadline = setTimeout(() => terminal.kill("SIGKILL"), DEADLINE_MS);
  const person = terminal.stdin.getWriter();
  let shown = "";
  const isAsked = () => (shown.match(QUESTION)?.length ?? 0) > shown.split("Granted").length - 1;
  const finger = setInterval(() => {
    if (isAsked()) person.write(new TextEncoder().encode("y\n")).catch(() => {});
  }, KEY_MS);
  for await (const text of terminal.stdout.pipeThrough(new TextDecoderStream())) shown += text;
  await terminal.status;
  clearInterval(finger);
  clearTimeout(deadline);
  await person.close().catch(() => {});
  const line = shown.split("\n").find((line) => line.includes(MARK));
  return line && JSON.parse(line.slice(line.indexOf(MARK) + MARK.length));
}
