// Runs first inside the cell's worker, in the realm the script will share. Nothing here is a wall:
// the script may read, replace and break all of it, and harms only its own run. What must hold
// against a hostile script is checked by the agent (session.ts) and enforced by the process.
{
  const post = self.postMessage.bind(self);
  const inspect = Deno.inspect;
  const { stringify, parse } = JSON;
  const decoder = new TextDecoder();

  const format = (args) =>
    args.map((x) => typeof x === "string" ? x : inspect(x, { depth: 6 })).join(" ");
  const log = (level, args, id = 0) => post({ t: "log", id, level, text: format(args) });

  // Honest output becomes log events; a raw write to fd 1 would end the run as `protocol`.
  const levels = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error" };
  const output = globalThis.console;
  for (const [method, level] of Object.entries(levels)) {
    output[method] = (...args) => log(level, args);
  }
  output.trace = (...args) => log("debug", args);
  output.dir = (value) => log("info", [value]);
  output.table = (value) => log("info", [value]);
  output.assert = (ok, ...args) => ok || log("error", ["Assertion failed", ...args]);
  output.clear = () => {};

  const sink = (level) => (chunk) => {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk);
    log(level, [text.endsWith("\n") ? text.slice(0, -1) : text]);
    return chunk.length;
  };
  for (const [stream, level] of [["stdout", "info"], ["stderr", "error"]]) {
    const write = sink(level);
    Object.defineProperty(Deno, stream, {
      value: {
        write: (chunk) => Promise.resolve(write(chunk)),
        writeSync: write,
        isTerminal: () => false,
        close() {},
        // Made when asked for: the first stream of a realm costs 4 ms.
        get writable() {
          return new WritableStream({ write: (chunk) => void write(chunk) });
        },
      },
    });
  }
  // Reading `process` loads node:process (milliseconds and megabytes), so it is patched when asked for.
  const nodeProcess = Object.getOwnPropertyDescriptor(globalThis, "process");
  Object.defineProperty(globalThis, "process", {
    configurable: true,
    enumerable: nodeProcess.enumerable,
    set: nodeProcess.set,
    get() {
      const process = nodeProcess.get.call(globalThis);
      for (const [stream, level] of [["stdout", "info"], ["stderr", "error"]]) {
        const write = sink(level);
        const fake = {
          isTTY: false,
          write(chunk, encoding, done) {
            write(chunk);
            (typeof encoding === "function" ? encoding : done)?.();
            return true;
          },
          end(chunk) {
            if (chunk !== undefined) write(chunk);
          },
          on: () => fake,
          once: () => fake,
          emit: () => false,
        };
        Object.defineProperty(process, stream, { value: fake, configurable: true });
      }
      process.exit = Deno.exit;
      Object.defineProperty(globalThis, "process", nodeProcess);
      return process;
    },
  });

  // "fetch failed" says nothing: why it did, a missing right perhaps, stands in its causes.
  const MAX_CAUSES = 4;
  const messageOf = (error) => {
    const messages = [String(error.message)];
    let { cause } = error;
    while (cause instanceof Error && messages.length <= MAX_CAUSES) {
      messages.push(String(cause.message));
      ({ cause } = cause);
    }
    return messages.join(": ");
  };
  const describe = (error) => {
    try {
      if (typeof error === "object" && error !== null && "message" in error) {
        return {
          name: String(error.name),
          message: messageOf(error),
          stack: typeof error.stack === "string" ? error.stack : undefined,
          denied: error instanceof Deno.errors.NotCapable,
        };
      }
      return { name: "Error", message: typeof error === "string" ? error : inspect(error) };
    } catch {
      return { name: "Error", message: "an error that cannot be read" };
    }
  };

  // Deno ends only the worker here and tells nobody, so say it first.
  const leave = (end) => (code = 0) => {
    post({ t: "exit", code: Number(code) | 0 });
    end();
  };
  const close = self.close.bind(self);
  self.close = leave(close);
  Deno.exit = leave(close);

  let script;
  let loading;
  const load = async ({ source }) => {
    const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    try {
      // Computed, so that every import the module makes is checked against the cell's own rights.
      const module = await import(blob);
      const { run, fetch } = module.default ?? {};
      if (typeof run !== "function" && typeof fetch !== "function") {
        throw new TypeError("the module's default export has no function `run` and no `fetch`");
      }
      script = module.default;
      post({ t: "loaded", blob });
    } catch (error) {
      post({ t: "load-error", blob, ...describe(error) });
    }
  };

  // The first import takes a millisecond, which is free until the module arrives.
  const rehearse = async () => {
    const blob = URL.createObjectURL(new Blob(["export default {}"], { type: "text/javascript" }));
    await import(blob);
    URL.revokeObjectURL(blob);
  };

  // Answers to calls on the agent, by call id. Ids follow each other: the agent counts along.
  const waiting = new Map();
  let nextCall = 1;
  // Long pieces are transferred: what is cloned lies about three times until the collector comes,
  // and it comes late. Not short ones: the first transfer in a realm costs 6 ms.
  const TRANSFERRED = 16 * 1024;
  // A view is cloned with all that it is a view of.
  const isWhole = (bytes) => bytes.length === bytes.buffer.byteLength;
  // `ours`: the bytes may be given away.
  const tell = (task, method, params, bytes, ours = false) => {
    const id = nextCall;
    const body = !bytes || (isWhole(bytes) && (ours || bytes.length < TRANSFERRED))
      ? bytes
      : bytes.slice();
    const transfer = body?.length >= TRANSFERRED ? [body.buffer] : [];
    post({ t: "call", id, task, method, params: stringify(params), body }, transfer);
    return nextCall++;
  };
  const call = (task, method, params, body, ours) =>
    new Promise((resolve, reject) => {
      waiting.set(tell(task, method, params, body, ours), { resolve, reject });
    });

  // Below the agent's own bound: an answer that has arrived here still waits there until the pipe
  // has told that it took it.
  const MAX_WAITING = 48;
  // Calls of one run in their turn: the agent ends a run that has more than 64 wait at once.
  const lender = (task) => {
    let free = MAX_WAITING;
    const turns = [];
    const lend = async (method, params, body, ours) => {
      if (free > 0) free--;
      else await new Promise((resolve) => turns.push(resolve));
      try {
        return await call(task, method, params, body, ours);
      } finally {
        if (turns.length > 0) turns.shift()();
        else free++;
      }
    };
    return Object.assign(lend, { task });
  };

  const refusal = ({ code, message }) =>
    Object.assign(new Error(message), { name: "CapabilityError", code });
  const notLent = (what) => () =>
    Promise.reject(
      refusal({ code: "not_granted", message: `Cannot ${what} as no grant lends it` }),
    );

  const CHUNK = 256 * 1024;
  // Streams of ours: what no script has read of them can be given away.
  const ours = new WeakSet();
  const oursNow = (stream) => {
    ours.add(stream);
    return stream;
  };
  // Bodies of requests, which the agent can take itself as far as nobody has read them.
  const unread = new WeakMap();
  // A document that is read piece by piece, by calls, as it is taken.
  const document = (length, readAt) => ({
    stream(from = 0) {
      let offset = from;
      return oursNow(
        new ReadableStream({
          async pull(controller) {
            if (offset >= length) return controller.close();
            const { body } = await readAt(offset, Math.min(CHUNK, length - offset));
            offset += body.length;
            controller.enqueue(body);
            if (offset >= length) controller.close();
          },
        }, { highWaterMark: 0 }),
      );
    },
    async bytes() {
      return new Uint8Array(await new Response(this.stream()).arrayBuffer());
    },
  });

  // What runs and requests under way are told to stop by.
  const aborters = new Map();
  // What runs are told by that the agent is about to stop.
  const leavers = new Map();
  // Code that only some scripts need: it comes when it is needed first, by name.
  const parts = {};
  const contextFor = (id, { attachments, facts, offered }) => {
    const aborter = new AbortController();
    aborters.set(id, aborter);
    const lend = lender(id);
    const ctx = {
      signal: aborter.signal,
      log: {
        debug: (...args) => log("debug", args, id),
        info: (...args) => log("info", args, id),
        warn: (...args) => log("warn", args, id),
        error: (...args) => log("error", args, id),
      },
      attachments: attachments.map((about, index) => ({
        ...about,
        ...document(
          about.length,
          (offset, length) => lend("attachment.read", { index, offset, length }),
        ),
      })),
      ...facts,
      emit: (name, data) => post({ t: "event", id, name, data: stringify(data) ?? "null" }),
      schedule: notLent("schedule"),
      unschedule: notLent("unschedule"),
    };
    for (const [name, value] of Object.entries(offered)) {
      Object.assign(ctx, parts[name] ? parts[name](lend) : { [name]: value });
    }
    return ctx;
  };

  const attempt = async (id, work) => {
    await loading;
    if (script === undefined) return; // told as load-error
    try {
      post({ t: "result", id, result: stringify(await work()) ?? "null" });
    } catch (error) {
      post({ t: "error", id, ...describe(error) });
    }
    aborters.delete(id);
    leavers.delete(id);
  };
  const requireHalf = (name) => {
    if (typeof script[name] === "function") return;
    throw new TypeError(`the module's default export has no function \`${name}\``);
  };
  const run = ({ id, head, text }) => {
    const leaver = new AbortController();
    leavers.set(id, leaver);
    const ctx = Object.assign(contextFor(id, parse(head)), {
      leaving: leaver.signal,
      progress: (fraction, message) => post({ t: "progress", id, fraction, message }),
    });
    return attempt(id, () => {
      requireHalf("run");
      return script.run(parse(text), ctx);
    });
  };
  const answer = ({ id, head, body }) => {
    const about = parse(head);
    const ctx = contextFor(id, about);
    return attempt(id, () => {
      requireHalf("fetch");
      return parts.fetch(id, about, body, ctx, script);
    });
  };

  const evaluate = eval;
  const tools = { call, tell, document, ours, oursNow, unread, CHUNK, parts };
  self.onmessage = ({ data }) => {
    if (data.t === "run") run(data);
    else if (data.t === "fetch") answer(data);
    else if (data.t === "reply") {
      const caller = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error === undefined) caller?.resolve(data);
      else caller?.reject(refusal(data.error));
    } else if (data.t === "abort") {
      aborters.get(data.id)?.abort(new DOMException(data.reason, "AbortError"));
    } else if (data.t === "leave") leavers.get(data.id)?.abort();
    else if (data.t === "load") loading = load(data);
    else if (data.t === "part") parts[data.name] = evaluate(data.source)(tools);
  };
  // Errors that no promise of the run carries: a throw in a timer, an unhandled rejection.
  self.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    post({ t: "fault", ...describe(event.reason) });
  });
  self.addEventListener("error", (event) => {
    event.preventDefault();
    post({ t: "fault", ...describe(event.error ?? event.message) });
  });
  post({ t: "booted" });
  rehearse();
}
