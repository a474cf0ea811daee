import { requireReal } from "../../real/require_real.ts";
import { TemporaryDir } from "../../temporary_dir.ts";
import { within } from "../../within.ts";

/** Whether there are a Chromium and an X server here; tests that want both are ignored, loudly. */
export const withoutDisplay = {
  ignore: requireReal(["chromium", "setpriv", "Xvfb"]) === undefined,
};

const WIDTH = 1_280;
const HEIGHT = 800;

/** A real X display, whose picture lies in a file. */
export class Display implements AsyncDisposable {
  /** As a grant's `window` names it. */
  readonly name: string;
  readonly #server: Deno.ChildProcess;
  readonly #folder: TemporaryDir;

  private constructor(name: string, server: Deno.ChildProcess, folder: TemporaryDir) {
    this.name = name;
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<Display> {
    const folder = new TemporaryDir();
    const server = new Deno.Command("Xvfb", {
      args: [
        // It finds a free number, and says which.
        ...["-displayfd", "1"],
        ...["-screen", "0", `${WIDTH}x${HEIGHT}x24`],
        ...["-fbdir", folder.path],
        ...["-nolisten", "tcp", "-noreset"],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const said = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await within(said.read(), "the number of a display");
    await said.cancel();
    return new Display(`:${value.trim()}`, server, folder);
  }

  /** How much of the display has a colour, as a part of all. */
  share(red: number, green: number, blue: number): number {
    const bytes = Deno.readFileSync(`${this.#folder.path}/Xvfb_screen0`);
    const pixels = bytes.subarray(bytes.length - WIDTH * HEIGHT * 4);
    let count = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      if (pixels[at] === blue && pixels[at + 1] === green && pixels[at + 2] === red) count++;
    }
    return count / (WIDTH * HEIGHT);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill();
    await this.#server.status;
    this.#folder[Symbol.dispose]();
  }
}
