// `ctx.browser`.
(() => (lend) => {
  const ask = async (method, params = {}) => (await lend(`browser.${method}`, params)).value;
  const decoder = () => new TextDecoder();

  // Lines of JSON, which come in pieces of any length.
  async function* linesOf(next) {
    const text = decoder();
    for (let rest = "";;) {
      const { body, value } = await next();
      if (value?.over) return;
      const lines = (rest + text.decode(body, { stream: true })).split("\n");
      rest = lines.pop();
      for (const line of lines) yield JSON.parse(line);
    }
  }

  const sessionOf = (id) => {
    const call = (method, params) => ask(method, { session: id, ...params });
    return {
      id,
      open: (url) => call("page", { url }),
      navigate: async (to, { tab } = {}) => void await call("navigate", { to, tab }),
      apply: (input, { seen } = {}) => call("apply", { input, seen }),
      async *events() {
        const { listener } = await call("listen");
        const about = { session: id, listener };
        try {
          yield* linesOf(() => lend("browser.next", about));
        } finally {
          ask("unlisten", about).catch(() => {});
        }
      },
      state: () => call("state"),
      async snapshot({ most } = {}) {
        const { snapshot, length, ...about } = await call("snapshot", { most });
        const text = decoder();
        let json = "";
        for (let offset = 0; offset < length;) {
          const { body } = await lend("browser.read", { session: id, snapshot, offset });
          offset += body.length;
          json += text.decode(body, { stream: true });
        }
        return {
          ...about,
          json,
          get events() {
            return JSON.parse(json);
          },
        };
      },
      async *stream(options = {}) {
        const { stream } = await call("stream", options);
        const about = { session: id, stream };
        try {
          while (true) {
            const { value } = await lend("browser.frame", about);
            if (value.over) return;
            const data = new Uint8Array(value.length);
            for (let offset = 0; offset < data.length;) {
              const { body } = await lend("browser.frame", { ...about, offset });
              data.set(body, offset);
              offset += body.length;
            }
            const { width, height, at } = value;
            yield { data, width, height, at };
          }
        } finally {
          ask("unstream", about).catch(() => {});
        }
      },
      highlight: (mark, element, look) => call("draw", { kind: "frame", mark, at: element, look }),
      point: (mark, at, look) => call("draw", { kind: "pointer", mark, at, look }),
      sign: async (text) => void await call("sign", { text }),
      close: async () => void await call("close"),
    };
  };
  const browser = {
    open: async (url, size) => sessionOf((await ask("open", { url, size })).id),
    async session(id) {
      return (await ask("list")).some((session) => session.id === id) ? sessionOf(id) : undefined;
    },
    list: () => ask("list"),
  };
  return { browser };
});
