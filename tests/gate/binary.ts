import { fileURLToPath } from "node:url";
import type { Row } from "../bench/row.ts";
import type { CaseReport } from "../hostile/runner.ts";

/** Some Deno, as a program that runs the corpus and the benchmarks: the agent's side and its cells. */
export class Binary {
  readonly path: string;
  readonly version: string;

  private constructor(path: string, version: string) {
    this.path = path;
    this.version = version;
  }

  /** @throws {RangeError} when the path is not that of a Deno */
  static async open(path: string): Promise<Binary> {
    const stdout = await versionOf(path);
    const version = /^deno (\S+)/.exec(stdout)?.[1];
    if (version === undefined) throw new RangeError(`${path} is not a Deno`);
    return new Binary(await Deno.realPath(path).catch(() => path), version);
  }

  /**
   * Attacks the cells of this binary.
   *
   * @param names Only these; all when empty.
   * @param onCase Told of each case.
   * @returns What was reached; fewer cases than there are when the program ended early.
   */
  async attack(
    names: readonly string[],
    onCase: (report: CaseReport) => void,
  ): Promise<CaseReport[]> {
    const child = this.#run("../hostile/main.ts", ["--json", ...names]);
    const reports: CaseReport[] = [];
    let pending = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (pending + text).split("\n");
      pending = lines.pop()!;
      for (const line of lines) {
        reports.push(JSON.parse(line));
        onCase(reports.at(-1)!);
      }
    }
    await child.status;
    return reports;
  }

  /** Measures the program on this binary; nothing when it could not be measured. */
  async measure(): Promise<Row[]> {
    const file = await Deno.makeTempFile({ prefix: "writ-gate-" });
    try {
      const child = this.#run("../bench/main.ts", ["--quick", "--json", file]);
      await child.stdout.pipeTo(new WritableStream());
      // Exit 1 only says that a target was missed.
      await child.status;
      const text = await Deno.readTextFile(file);
      return text === "" ? [] : JSON.parse(text).rows;
    } finally {
      await Deno.remove(file);
    }
  }

  #run(program: string, args: readonly string[]): Deno.ChildProcess {
    const path = fileURLToPath(new URL(program, import.meta.url));
    return new Deno.Command(this.path, {
      args: ["run", "-A", "--quiet", path, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(path, { args: ["--version"], stdin: "null" })
      .output();
    return new TextDecoder().decode(stdout);
  } catch (cause) {
    throw new RangeError(`cannot run ${path}`, { cause });
  }
}
