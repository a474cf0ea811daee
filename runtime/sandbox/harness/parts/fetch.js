// The `fetch` half: a request out of calls, and calls out of a response.
(({ call, tell, ours, oursNow, CHUNK, parts }) => {
  const bodyOf = (task) =>
    oursNow(
      new ReadableStream({
        async pull(controller) {
          const { value, body } = await call(task, "request.read", {});
          if (value?.end) controller.close();
          else controller.enqueue(body);
        },
      }, { highWaterMark: 0 }),
    );

  // One piece is on its way while the next is asked of the script; the answer to it is what the
  // client's pace comes back by.
  const send = async (task, body, signal) => {
    const reader = body.getReader();
    const stop = () => reader.cancel(signal.reason).catch(() => {});
    signal.addEventListener("abort", stop, { once: true });
    let onItsWay;
    try {
      while (true) {
        const { value, done } = await reader.read();
        if (done || signal.aborted) return;
        if (!(value instanceof Uint8Array)) throw new TypeError("a body is made of bytes");
        for (let at = 0; at < value.length; at += CHUNK) {
          await onItsWay;
          const piece = value.length > CHUNK ? value.subarray(at, at + CHUNK) : value;
          onItsWay = call(task, "response.write", {}, piece, ours.has(body));
          onItsWay.catch(() => {}); // its place is the next await; without one it is too late
        }
      }
    } catch (error) {
      stop();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

  return async (task, about, inline, ctx, script) => {
    const { url, method, headers, caller } = about;
    const body = about.body === "stream" ? bodyOf(task) : inline.length > 0 ? inline : null;
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
    const { status } = response;
    tell(task, "response.head", {
      status,
      headers: [...response.headers],
      body: response.body !== null,
    });
    if (response.body !== null) await send(task, response.body, ctx.signal);
    return null;
  };
});
