// `ctx.peers`.
(() => (lend) => {
  const ask = async (method, params) => (await lend(`peers.${method}`, params)).value;
  const peers = {
    list: () => ask("list", {}),
    order: (peer, input, options = {}) => ask("order", { peer, input, options }),
    async fetch(peer, path) {
      const { value, body } = await lend("peers.fetch", { peer, path });
      return new Response(body?.length > 0 ? body : null, value);
    },
    run: (peer, run) => ask("run", { peer, run }),
  };
  return { peers };
});
