// `ctx.store`.
(() => (lend) => {
  const ask = async (method, params) => (await lend(`store.${method}`, params)).value;
  const MOST = 1_000;
  const store = {
    async get(key) {
      const { found, value } = await ask("get", { key });
      return found ? value : undefined;
    },
    async set(key, value) {
      await ask("set", { key, value });
    },
    delete: (key) => ask("delete", { key }),
    async list({ prefix, after, limit = MOST } = {}) {
      const found = [];
      let last = after;
      while (found.length < limit) {
        const page = await ask("list", { prefix, after: last, limit: limit - found.length });
        for (const [key, value] of page.entries) found.push({ key, value });
        if (page.done || page.entries.length === 0) break;
        last = page.entries.at(-1)[0];
      }
      return found;
    },
    batch: (writes, checks = []) => ask("batch", { writes, checks }),
    add: (key, by = 1) => ask("add", { key, by }),
  };
  return { store };
});
