// `ctx.hub`.
(() => (lend) => {
  const ask = async (method, name, data) =>
    (await lend(`hub.${method}`, { name, data: data ?? null })).value;
  const hub = {
    fact: async (name, value) => void await ask("fact", name, value),
    inform: async (name, data) => void await ask("inform", name, data),
    trap: (name, data) => ask("trap", name, data),
  };
  return { hub };
});
