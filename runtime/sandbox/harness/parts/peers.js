// `ctx.peers`.
(() => (lend) => {
  const ask = async (method, params) => (await lend(`peers.${method}`, params)).value;
  const peers = {
    list: () => ask("list", {}),
    order: (peer, input, options = {}) => ask("order", { peer, input, options }),
    run: (peer, run) => ask("run", { peer, run }),
  };
  return { peers };
});
