import type { AttachmentHandle, Blobs, Context, FetchContext, Peers } from "writ";
import { printScript } from "../../scripts/print/script.ts";
import { fakeContext } from "./fake_context.ts";
import { FakeBlobs, FakeStore } from "./fake_stores.ts";
import { within } from "../within.ts";

/** What an agent of tests has. */
export interface FakeAgentOptions {
  /** Where its state is; a folder of its own when left out. */
  readonly dir?: string;
  readonly settings: unknown;
  /** Other agents by name. */
  readonly peers?: Readonly<Record<string, FakeAgent>>;
  /** Whether it is an operator who asks. */
  readonly operator?: boolean;
  /** The most that its store holds. */
  readonly storeLength?: number;
}

/** An event of a run or a request. */
export interface HeardEvent {
  readonly name: string;
  readonly data: unknown;
}

/** The print script on an HTTP server, with stores on disk and runs that wake by themselves. */
export class FakeAgent implements AsyncDisposable {
  readonly dir: string;
  readonly events: HeardEvent[] = [];
  readonly log: string[] = [];
  readonly #options: FakeAgentOptions;
  readonly #script = printScript();
  readonly #store: FakeStore;
  readonly #scheduled: FakeStore;
  readonly #blobs: FakeBlobs;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #runs: Promise<unknown>[] = [];
  #waiters: (() => void)[] = [];

  constructor(options: FakeAgentOptions) {
    this.#options = options;
    this.dir = options.dir ?? Deno.makeTempDirSync({ prefix: "writ-print-" });
    this.#store = new FakeStore(`${this.dir}/store.db`);
    this.#store.quota = options.storeLength ?? Infinity;
    this.#scheduled = new FakeStore(`${this.dir}/schedule.db`);
    this.#blobs = new FakeBlobs(`${this.dir}/blobs`, this.#store);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request, info) => this.#answer(request, info.remoteAddr.hostname),
    );
    void this.#resume();
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get uri(): string {
    return `ipp://localhost:${this.port}/ipp/print`;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** One run of the script, as an order makes it. */
  run(input: unknown, attachments: readonly AttachmentHandle[] = []): Promise<unknown> {
    const { ctx } = this.#context(attachments);
    return this.#script.run(input as never, ctx) as Promise<unknown>;
  }

  /** The first event with this data, now or later. */
  event(matches: (data: Record<string, unknown>) => boolean): Promise<void> {
    return within(this.#event(matches), `an event for which ${matches}`);
  }

  async #event(matches: (data: Record<string, unknown>) => boolean): Promise<void> {
    while (!this.events.some(({ data }) => matches(data as Record<string, unknown>))) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Resolves once a job is in this state. */
  async jobIs(job: number, state: string): Promise<void> {
    await this.event((data) => data.job === job && data.state === state);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the agent stops"));
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.#server.shutdown();
    await Promise.allSettled([...this.#running.values(), ...this.#runs]);
    this.#store.close();
    this.#scheduled.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (!this.#options.dir) await Deno.remove(this.dir, { recursive: true });
  }

  async #answer(request: Request, address: string): Promise<Response> {
    const { ctx } = this.#context([], request.signal);
    const kind = this.#options.operator ? "operator" : "loopback";
    const fetchContext: FetchContext = {
      ...ctx,
      run: null,
      caller: { kind, address },
      upgradeWebSocket() {
        throw new TypeError("no WebSocket here");
      },
    };
    return await this.#script.fetch(request, fetchContext);
  }

  #context(attachments: readonly AttachmentHandle[], signal?: AbortSignal): { ctx: Context } {
    const both = AbortSignal.any([this.#stopping.signal, ...signal ? [signal] : []]);
    const { ctx, heard } = fakeContext(attachments, {
      signal: both,
      onEvent: (name, data) => {
        this.events.push({ name, data });
        const waiters = this.#waiters;
        this.#waiters = [];
        for (const resolve of waiters) resolve();
      },
      onLog: () => this.log.push(heard.log.at(-1)!),
    });
    return {
      ctx: {
        ...ctx,
        settings: this.#options.settings as Record<string, unknown>,
        store: this.#store,
        blobs: this.#blobs as unknown as Blobs,
        peers: this.#peers(),
        schedule: async (at, input, { key = crypto.randomUUID() } = {}) => {
          const due = Math.ceil(Number(at));
          await this.#scheduled.set(key, { at: due, input });
          this.#arm(key, due);
          return { id: key };
        },
        unschedule: (key) => {
          clearTimeout(this.#timers.get(key));
          return this.#scheduled.delete(key);
        },
      },
    };
  }

  #peers(): Peers {
    const runs = this.#runs;
    const peer = (name: string) => {
      const found = this.#options.peers?.[name];
      if (!found) throw new Error(`there is no peer ${name}`);
      return found;
    };
    return {
      list: () => Promise.resolve([]),
      fetch: () => Promise.reject(new TypeError("unused")),
      order: async (name, input, options = {}) => {
        const attachments = await Promise.all((options.attachments ?? []).map(async (one) => {
          const blob = await this.#blobs.get(one.sha256);
          return { ...blob!, ...one } as AttachmentHandle;
        }));
        const other = peer(name);
        if (other.#stopping.signal.aborted) throw new Error("the peer is not there");
        const run = other.run(input, attachments).then(
          (result) => ({ outcome: "ok", result }),
          (error) => ({ outcome: "script_error", detail: { message: error.message } }),
        );
        return { run: runs.push(run) - 1 };
      },
      run: async (_, run) => ({ state: "ended", outcome: await runs[run] as { outcome: string } }),
    };
  }

  async #resume(): Promise<void> {
    const entries = await this.#scheduled.list<{ at: number }>();
    for (const { key, value } of entries) this.#arm(key, value.at);
  }

  #arm(key: string, at: number): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => this.#wake(key), Math.max(0, at - Date.now())));
  }

  /** One run at a time with the same key. */
  async #wake(key: string): Promise<void> {
    await this.#running.get(key);
    if (this.#stopping.signal.aborted) return;
    const scheduled = await this.#scheduled.get<{ at: number; input: unknown }>(key);
    if (!scheduled || this.#running.has(key)) return;
    // A timer may come a millisecond early.
    if (scheduled.at > Date.now()) return this.#arm(key, scheduled.at);
    await this.#scheduled.delete(key);
    const run = this.run(scheduled.input).catch((error) => this.log.push(`run failed: ${error}`));
    this.#running.set(key, run);
    await run;
    this.#running.delete(key);
    const next = await this.#scheduled.get<{ at: number }>(key).catch(() => undefined);
    if (next && !this.#stopping.signal.aborted) this.#arm(key, next.at);
  }
}
