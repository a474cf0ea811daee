// `ctx.channel`.
(() => (lend) => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const open = async (name) => {
    const { value: { channel } } = await lend("channel.open", { name });
    const ask = async (method) => (await lend(`channel.${method}`, { channel })).value;
    const next = async () => {
      const { value, body = new Uint8Array() } = await lend("channel.next", { channel });
      if (value.type === "closed") return { done: true, value: undefined };
      if (value.type !== "message") return { done: false, value };
      const data = value.json ? JSON.parse(decoder.decode(body)) : body;
      return { done: false, value: { type: "message", peer: value.peer, data } };
    };
    const events = {
      next,
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]: () => events,
    };
    return {
      name,
      peers: () => ask("peers"),
      async send(data, { to } = {}) {
        const json = !(data instanceof Uint8Array);
        const body = json ? encoder.encode(JSON.stringify(data) ?? "null") : data;
        return (await lend("channel.send", { channel, to, json }, body)).value;
      },
      async close() {
        await ask("close");
      },
      [Symbol.asyncIterator]: () => events,
    };
  };
  return { channel: open };
});
