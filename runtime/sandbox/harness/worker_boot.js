// Runs first inside the cell's worker, in the realm the script will share. Nothing here is a wall:
// the script may read, replace and break all of it, and harms only its own run. What must hold
// against a hostile script is checked by the agent (cell.ts) and enforced by the process.
{
  const post = self.postMessage.bind(self);
  const inspect = Deno.inspect;
  const { stringify, parse } = JSON;
  const decoder = new TextDecoder();

  const format = (args) =>
    args.map((x) => typeof x === "string" ? x : inspect(x, { depth: 6 })).join(" ");
  const log = (level, args) => post({ t: "log", level, text: format(args) });

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
      if (typeof module.default?.run !== "function") {
        throw new TypeError("the module's default export has no function `run`");
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

  // Answers to calls on the agent, by call id.
  const waiting = new Map();
  let nextCall = 1;
  const call = (method, params) =>
    new Promise((resolve, reject) => {
      const id = nextCall++;
      waiting.set(id, { resolve, reject });
      post({ t: "call", id, method, params });
    });

  const ATTACHMENT_CHUNK = 256 * 1024;
  const attachment = ({ name, length, mediaType }, index) => ({
    name,
    length,
    mediaType,
    stream() {
      let offset = 0;
      return new ReadableStream({
        async pull(controller) {
          if (offset >= length) return controller.close();
          const size = Math.min(ATTACHMENT_CHUNK, length - offset);
          const chunk = await call("attachment.read", { index, offset, length: size });
          offset += chunk.length;
          controller.enqueue(chunk);
          if (offset >= length) controller.close();
        },
      }, { highWaterMark: 0 });
    },
    async bytes() {
      return new Uint8Array(await new Response(this.stream()).arrayBuffer());
    },
  });

  let aborter = new AbortController();
  const run = async ({ id, text }) => {
    const split = text.indexOf("\n");
    aborter = new AbortController();
    const ctx = {
      signal: aborter.signal,
      log: {
        debug: (...args) => log("debug", args),
        info: (...args) => log("info", args),
        warn: (...args) => log("warn", args),
        error: (...args) => log("error", args),
      },
      attachments: parse(text.slice(0, split)).map(attachment),
      progress: (fraction, message) => post({ t: "progress", fraction, message }),
      emit: (name, data) => post({ t: "event", name, data: stringify(data) ?? "null" }),
    };
    await loading;
    if (script === undefined) return; // told as load-error
    try {
      const result = await script.run(parse(text.slice(split + 1)), ctx);
      post({ t: "result", id, result: stringify(result) ?? "null" });
    } catch (error) {
      post({ t: "error", id, ...describe(error) });
    }
  };

  self.onmessage = ({ data }) => {
    if (data.t === "load") loading = load(data);
    else if (data.t === "run") run(data);
    else if (data.t === "abort") {
      aborter.abort(new DOMException(data.reason, "AbortError"));
    } else if (data.t === "reply") {
      const call = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error === undefined) call?.resolve(data.body);
      else call?.reject(new Error(data.error));
    }
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
