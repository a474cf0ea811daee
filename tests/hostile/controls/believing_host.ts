import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import type { FetchCaller } from "../../../runtime/sandbox/mod.ts";
import type { Cell, CellListener } from "../../../runtime/sandbox/cell.ts";
import { readMessage, type ScriptCall } from "../../../runtime/sandbox/cell_message.ts";
import { encodeFrame, type Frame, TO_CELL } from "../../../runtime/sandbox/frame.ts";
import { partSource } from "../../../runtime/sandbox/harness/source.ts";
import { replyFrame } from "../../../runtime/sandbox/reply.ts";
import { spawnVector } from "../../../runtime/sandbox/spawn_vector.ts";
import { NO_RIGHTS } from "../../../runtime/sandbox/mod.ts";
import type { Control } from "../attack.ts";
import { attackRequest } from "../subject.ts";
import { WatchedCell } from "./watched_cell.ts";

/** Longest that the script is listened to. */
const LISTENED_MS = 1_500;
const MAX_FRAME_BYTES = 1 << 20;
const CALLER: FetchCaller = { kind: "public", address: "192.0.2.1" };

/**
 * A host that asks real cells and believes what every call says of itself: whose it is, and that
 * its turn has come. It sends a request's body as a whole, read or not.
 */
export const believingHost: Control = {
  off: "a host that believes every call, and sends bodies unasked",
  async run(attack, canaries, stage) {
    const { script } = attackRequest(attack, canaries);
    const { paths = [], bodyBytes = 0 } = attack.served ?? {};
    const limits = { ...DEFAULT_LIMITS, ...attack.limits, memoryBytes: 1_000_000_000 };
    const grant = { rights: NO_RIGHTS, limits };
    const started = performance.now();
    using cell = new WatchedCell(spawnVector(stage.host, grant, stage.baseline, false));
    const { watch } = cell;
    const listener = new Believer(cell);
    cell.send(encodeFrame(TO_CELL.LOAD, script.javascript));
    cell.listen(listener, MAX_FRAME_BYTES);
    cell.send(encodeFrame(TO_CELL.PART, "fetch\n", partSource("fetch")));
    for (const [index, path] of paths.entries()) {
      const head = JSON.stringify({
        method: bodyBytes > 0 ? "POST" : "GET",
        url: `http://script.invalid${path}`,
        headers: [],
        caller: CALLER,
        body: "inline",
        attachments: [],
        facts: {},
        offered: {},
      });
      cell.send(encodeFrame(TO_CELL.FETCH, `${index + 1}\n${head}\n`, new Uint8Array(bodyBytes)));
    }
    await listener.done;
    cell.kill();
    await cell.closed;
    return {
      result: paths.map((_, index) => listener.responses.get(index + 1) ?? ""),
      process: { peakBytes: watch.peakBytes, cpuMs: watch.cpuMs, stopped: watch.stopped },
      outputBytes: 0,
      wallMs: performance.now() - started,
      cpuAfterEndMs: 0,
      hits: await canaries.hits(),
    };
  },
};

class Believer implements CellListener {
  /** Status and body by request. */
  readonly responses = new Map<number, string>();
  readonly done: Promise<void>;
  readonly #cell: Cell;

  constructor(cell: Cell) {
    this.#cell = cell;
    this.done = new Promise((resolve) => setTimeout(resolve, LISTENED_MS));
  }

  frame(frame: Frame): void {
    const message = readMessage(frame);
    if (message.type === "call") this.#believe(message.call);
  }

  #believe({ id, task, method, params, body }: ScriptCall): void {
    const said = this.responses.get(task) ?? "";
    if (method === "response.head") {
      const { status, headers = [] } = params as { status: number; headers?: string[][] };
      // Written out one to a line, as HTTP has them.
      const lines = headers.map((pair) => pair.join(": ")).join("\r\n").split("\r\n");
      const more = lines.length > headers.length && headers.length > 0 ? `[${lines.at(-1)}] ` : "";
      this.responses.set(task, `${said}${status} ${more}${new TextDecoder().decode(body)}`);
    } else if (method === "response.write") {
      this.responses.set(task, said + new TextDecoder().decode(body));
      this.#cell.send(replyFrame(id, {}));
    }
  }

  ready(): void {}
  stderr(): void {}
  violation(): void {}
  exited(): void {}
}
