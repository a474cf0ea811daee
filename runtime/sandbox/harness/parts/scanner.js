// `ctx.scanner`.
(() => (lend) => {
  const ask = async (method, params = {}) => (await lend(`scanner.${method}`, params)).value;
  const scanner = {
    status: () => ask("status"),
    verify: ({ name, sha256 }) => ask("verify", { name, sha256 }),
    install: (files) =>
      ask("install", { files: files.map(({ name, sha256 }) => ({ name, sha256 })) }),
    rollback: () => ask("rollback"),
  };
  return { scanner };
});
