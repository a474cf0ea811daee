// The `fetch` half: a request out of calls, and calls out of a response.
(({ call, tell, ours, oursNow, unread, CHUNK, parts }) => {
  const NOTHING = new Uint8Array(0);
  // `first`: what came with the request.
  const bodyOf = (task, first) => {
    let isReading = false;
    let controller;
    const takeFirst = () => {
      const taken = first;
      first = NOTHING;
      return taken;
    };
    const stream = new ReadableStream({
      start: (own) => void (controller = own),
      async pull() {
        if (first.length > 0) return controller.enqueue(takeFirst());
        isReading = true;
        const { value, body } = await call(task, "request.read", {});
        isReading = false;
        if (!value?.end) return controller.enqueue(body);
        unread.delete(stream);
        controller.close();
      },
      cancel: () => void unread.delete(stream),
    }, { highWaterMark: 0 });
    // Nothing of it is in the worker that nobody has taken.
    const isIdle = () => !isReading && controller.desiredSize === 0;
    unread.set(stream, { task, isIdle, takeFirst, firstBytes: () => first.length });
    return oursNow(stream);
  };

  // Whether a promise settles within a few turns, as it does for what is there already.
  const TURNS = 8;
  const settlesSoon = async (promise) => {
    let settled = false;
    const note = () => settled = true;
    promise.then(note, note);
    for (let i = 0; i < TURNS && !settled; i++) await null;
    return settled;
  };
  const checked = ({ value, done }) => {
    if (done || value instanceof Uint8Array) return { value, done };
    throw new TypeError("a body is made of bytes");
  };

  const answer = async (task, { status, headers, body }, signal) => {
    const head = { status, headers: [...headers], body: "none" };
    if (body === null) return tell(task, "response.head", head);
    const reader = body.getReader();
    const stop = () => reader.cancel(signal.reason).catch(() => {});
    signal.addEventListener("abort", stop, { once: true });
    try {
      const waiting = await readAhead(reader);
      const [first, second] = waiting;
      // A short body goes with its head.
      if (first?.done || (second?.done && first.value.length <= CHUNK)) {
        return tell(task, "response.head", { ...head, body: "whole" }, first.value);
      }
      tell(task, "response.head", { ...head, body: "stream" });
      await send(task, body, reader, waiting, signal);
    } catch (error) {
      stop();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

  // The first two reads, as far as they have something already.
  const readAhead = async (reader) => {
    const reads = [];
    for (let i = 0; i < 2 && !reads[0]?.done; i++) {
      const read = reader.read();
      if (!await settlesSoon(read)) return [...reads, read];
      reads.push(checked(await read));
    }
    return reads;
  };

  // One piece is on its way while the next is asked of the script; the answer to it is what the
  // client's pace comes back by.
  const send = async (task, body, reader, waiting, signal) => {
    let onItsWay;
    while (true) {
      const { value, done } = checked(await (waiting.shift() ?? reader.read()));
      if (done || signal.aborted) return;
      for (let at = 0; at < value.length; at += CHUNK) {
        await onItsWay;
        const piece = value.length > CHUNK ? value.subarray(at, at + CHUNK) : value;
        onItsWay = call(task, "response.write", {}, piece, ours.has(body));
        onItsWay.catch(() => {}); // its place is the next await; without one it is too late
      }
    }
  };

  return async (task, about, inline, ctx, script) => {
    const { url, method, headers, caller } = about;
    const body = about.body === "stream" ? bodyOf(task, inline) : inline.length > 0 ? inline : null;
    const request = new Request(url, {
      method,
      headers,
      body,
      signal: ctx.signal,
      ...(body ? { duplex: "half" } : {}),
    });
    let upgraded;
    const upgradeWebSocket = () => {
      if (!about.upgrade) throw new TypeError("the client did not ask for a WebSocket");
      upgraded = parts.socket(task, ctx.signal);
      const { socket, response } = upgraded;
      return { socket, response };
    };
    const response = await script.fetch(request, Object.assign(ctx, { caller, upgradeWebSocket }));
    if (!(response instanceof Response)) throw new TypeError("`fetch` did not return a Response");
    if (upgraded !== undefined && response === upgraded.response) return await upgraded.serve();
    await answer(task, response, ctx.signal);
    return null;
  };
});
