// The script's end of a WebSocket. The agent holds the real one and speaks in calls.
(({ call, tell, CHUNK }) => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  // Codes that stand for none (RFC 6455, "Reserved Status Code Ranges").
  const [NO_STATUS, ABNORMAL] = [1005, 1006];
  const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];

  class ScriptSocket extends EventTarget {
    #state = CONNECTING;
    #buffered = 0;
    #sent = Promise.resolve();
    #task;
    #over;
    onopen = null;
    onmessage = null;
    onclose = null;

    constructor(task, signal) {
      super();
      this.#task = task;
      for (const type of ["open", "message", "close"]) {
        this.addEventListener(type, (event) => this[`on${type}`]?.(event));
      }
      signal.addEventListener("abort", () => this.#end({ code: ABNORMAL, reason: "" }), {
        once: true,
      });
    }

    get readyState() {
      return this.#state;
    }

    get bufferedAmount() {
      return this.#buffered;
    }

    send(data) {
      if (this.#state === CONNECTING) throw new DOMException("not open", "InvalidStateError");
      const text = typeof data === "string";
      const bytes = text ? encoder.encode(data) : bytesOf(data);
      if (bytes.length > CHUNK) throw new RangeError(`a message has at most ${CHUNK} bytes`);
      if (this.#state !== OPEN) return;
      this.#buffered += bytes.length;
      this.#sent = this.#sent.then(async () => {
        // Once it is over, nothing may be asked of the agent: the cell would be ended for that.
        if (this.#state < CLOSED) await call(this.#task, "socket.write", { text }, bytes);
        this.#buffered -= bytes.length;
      });
      this.#sent.catch(() => {}); // the socket is over: its close event says so
    }

    close(code = NO_STATUS, reason = "") {
      if (this.#state >= CLOSING) return;
      this.#state = CLOSING;
      this.#sent.catch(() => {}).then(() => {
        if (this.#state === CLOSED) return;
        tell(this.#task, "socket.close", { code, reason: String(reason) });
        this.#end({ code, reason });
      });
    }

    // Reads until either side has closed.
    async serve() {
      const over = new Promise((resolve) => this.#over = resolve);
      this.#state = OPEN;
      this.dispatchEvent(new Event("open"));
      this.#read();
      await over;
      return null;
    }

    async #read() {
      try {
        while (this.#state < CLOSED) {
          const { value, body } = await call(this.#task, "socket.read", {});
          if (value.close) return this.#end(value.close);
          const data = value.text ? decoder.decode(body) : body.buffer;
          this.dispatchEvent(new MessageEvent("message", { data }));
        }
      } catch {
        this.#end({ code: ABNORMAL, reason: "" });
      }
    }

    #end({ code, reason }) {
      if (this.#state === CLOSED) return;
      this.#state = CLOSED;
      this.dispatchEvent(new CloseEvent("close", { wasClean: code !== ABNORMAL, code, reason }));
      this.#over?.();
    }
  }

  const bytesOf = (data) =>
    ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);

  return (task, signal) => {
    const socket = new ScriptSocket(task, signal);
    const response = new Response(null);
    const serve = () => {
      tell(task, "response.head", { status: 101, headers: [], body: "none" });
      return socket.serve();
    };
    return { socket, response, serve };
  };
});
