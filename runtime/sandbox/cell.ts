import { type CellFigures, readMessage } from "./cell_message.ts";
import { encodeFrame, type Frame, FrameDecoder, FrameError, TAG_BYTES, TO_CELL } from "./frame.ts";
import { release } from "../core/release.ts";
import type { SpawnVector } from "./spawn_vector.ts";
import { statusBehind } from "./watched_exit.ts";

/** Bytes of stderr kept to tell how V8 died. */
const STDERR_TAIL_BYTES = 4096;
/** Read at once from a cell. */
const READ_BYTES = 16_384;
/** A cell that was ended before it was bound and has not gone by itself. */
const UNBOUND_GRACE_MS = 5_000;
/** Longest frame before a run says what it may put out. */
const BOOT_FRAME_BYTES = 4096;

/** Who is told what a cell does. One run at a time. */
export interface CellListener {
  /** The worker has booted; at once for a cell that was ready before. */
  ready(empty: CellFigures): void;
  /** The frame's bytes are another's once this returns. */
  frame(frame: Frame): void;
  /** Bytes on stderr, counted as output. */
  stderr(bytes: number): void;
  /** Output that is not the harness's; the cell is being killed. */
  violation(error: FrameError): void;
  exited(status: Deno.CommandStatus, stderrTail: string): void;
}

/**
 * One cell: the process, its pipes and its frames. Knows nothing of runs. Starts at construction;
 * ends by {@linkcode kill} or when the agent dies.
 */
export class Cell {
  readonly vector: SpawnVector;
  /** Resolved when the process is reaped and its pipes are at their end. */
  readonly closed: Promise<void>;
  /** Resolved when the worker has booted or the process has ended. */
  readonly settled: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #decoder: FrameDecoder;
  /**
   * What waits until the cell is bound to its parent's life: while bubblewrap sets up, the end of
   * the parent would leave the cell behind. No script is in it before, so stdin's end ends it.
   */
  #waiting: Uint8Array[] | undefined;
  #doomed = false;
  #settle!: () => void;
  #listener: CellListener | undefined;
  #empty: CellFigures | undefined;
  #stderrTail = "";
  #status: Deno.CommandStatus | undefined;

  /** @throws {Deno.errors.NotFound} when the first link of the chain does not exist */
  constructor(vector: SpawnVector) {
    this.vector = vector;
    this.#child = new Deno.Command(vector.command, {
      args: [...vector.args],
      // An unusable cache folder also shuts Cache Storage, which needs no permission. Without HOME
      // Deno looks it up and reads .npmrc there: tokens of the agent's user, in a cell's memory.
      // Deno can deny no block of IPv6 addresses, so an AAAA answer could lead a granted name to
      // ::ffff:127.0.0.1 or into the office: names are asked for IPv4 only.
      // Deno would ask its makers for a newer one, from every cell that has a network.
      // WebGPU asks for no permission, and is native drivers that compile what a script gives them.
      env: {
        DENO_DIR: "/dev/null/x",
        HOME: "/nonexistent",
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
        RES_OPTIONS: "no-aaaa",
        DENO_WEBGPU_BACKEND: "none",
      },
      clearEnv: true,
      cwd: "/",
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    const tag = crypto.getRandomValues(new Uint8Array(TAG_BYTES));
    this.#decoder = new FrameDecoder(tag, BOOT_FRAME_BYTES);
    this.settled = new Promise((resolve) => this.#settle = resolve);
    this.closed = this.#pump();
    this.send(encodeFrame(TO_CELL.TAG, tag));
    if (vector.watched) this.#waiting = [];
  }

  /** At level 2 bubblewrap's. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether the process has ended. */
  get ended(): boolean {
    return this.#status !== undefined;
  }

  /**
   * Hands the cell to one run.
   *
   * @param maxBody Bytes that a single frame may hold.
   */
  listen(listener: CellListener, maxBody: number): void {
    this.#listener = listener;
    this.#decoder.maxBody = maxBody;
    if (this.#status) listener.exited(this.#status, this.#stderrTail);
    else if (this.#empty) listener.ready(this.#empty);
  }

  /** Lowers or raises what a single frame may hold from now on. */
  set maxBody(bytes: number) {
    this.#decoder.maxBody = bytes;
  }

  /**
   * Writes a frame; a cell that is gone or does not read is found by its run's deadline.
   *
   * @param frame Given away.
   * @returns when the pipe has taken all of it, or the cell is gone. Until then it is kept here.
   */
  send(frame: Uint8Array): Promise<void> {
    if (this.#waiting) {
      this.#waiting.push(frame);
      return Promise.resolve();
    }
    return this.#stdin.write(frame).then(() => release(frame), () => {});
  }

  /**
   * Ends the cell at once, or, while bubblewrap still sets it up, as soon as it is bound: no script
   * is in it then. A cell that has ended is left alone.
   */
  kill(): void {
    this.#listener = undefined;
    if (!this.#waiting) return this.#signal();
    if (this.#doomed) return;
    this.#doomed = true;
    this.#stdin.close().catch(() => {});
    const late = setTimeout(() => this.#signal(), UNBOUND_GRACE_MS);
    this.closed.finally(() => clearTimeout(late));
  }

  #signal(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // already gone
    }
  }

  async #pump(): Promise<void> {
    const [status] = await Promise.all([
      this.#child.status,
      this.#readFrames(),
      this.#readStderr(),
    ]);
    this.#status = this.vector.watched ? statusBehind(status) : status;
    this.#stdin.abort().catch(() => {});
    this.#settle();
    this.#listener?.exited(this.#status, this.#stderrTail);
  }

  async #readFrames(): Promise<void> {
    // Into one buffer again and again: a new one for every chunk is half the work of a short call.
    const reader = this.#child.stdout.getReader({ mode: "byob" });
    try {
      let buffer = new Uint8Array(READ_BYTES);
      while (true) {
        const { value, done } = await reader.read(buffer);
        if (done) break;
        for (const frame of this.#decoder.push(value)) {
          if (this.#waiting) this.#bound(this.#waiting);
          if (this.#empty) this.#listener?.frame(frame);
          else this.#boot(frame);
        }
        buffer = new Uint8Array(value.buffer);
      }
    } catch (error) {
      reader.cancel().catch(() => {});
      if (!(error instanceof FrameError)) throw error;
      this.#listener?.violation(error);
      this.kill();
    }
  }

  /** A cell that speaks has Deno in it, and bubblewrap has bound it before it started Deno. */
  #bound(waiting: readonly Uint8Array[]): void {
    this.#waiting = undefined;
    if (this.#doomed) return this.#signal();
    for (const frame of waiting) this.send(frame);
  }

  /** The first frames: heartbeats, until the worker has booted. */
  #boot(frame: Frame): void {
    const message = readMessage(frame);
    if (message.type !== "ready") return;
    this.#empty = message.figures;
    this.#settle();
    this.#listener?.ready(message.figures);
  }

  async #readStderr(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#listener?.stderr(chunk.length);
      const text = this.#stderrTail + decoder.decode(chunk, { stream: true });
      this.#stderrTail = text.slice(-STDERR_TAIL_BYTES);
    }
  }
}
