// `ctx.schedule` and `ctx.unschedule`.
(() => (lend) => ({
  async schedule(at, input, { key } = {}) {
    return (await lend("schedule.set", { at: Number(at), input, key })).value;
  },
  async unschedule(key) {
    return (await lend("schedule.delete", { key })).value;
  },
}));
