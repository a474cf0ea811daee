// `ctx.blobs`.
(({ document, ours, CHUNK }) => (lend) => {
  const ask = async (method, params, body, ours) =>
    (await lend(`blobs.${method}`, params, body, ours)).value;
  const encoder = new TextEncoder();

  const upload = async (stream, about) => {
    const { upload } = await ask("begin", about);
    try {
      for await (const chunk of stream) {
        for (let at = 0; at < chunk.length; at += CHUNK) {
          const piece = chunk.length > CHUNK ? chunk.subarray(at, at + CHUNK) : chunk;
          await ask("write", { upload }, piece, ours.has(stream));
        }
      }
      return await ask("end", { upload });
    } catch (error) {
      await ask("abort", { upload }).catch(() => {});
      throw error;
    }
  };

  const blobs = {
    put(body, { mediaType } = {}) {
      if (body instanceof ReadableStream) return upload(body, { mediaType });
      const bytes = typeof body === "string" ? encoder.encode(body) : body;
      if (!(bytes instanceof Uint8Array)) throw new TypeError("a body is a stream, bytes or text");
      if (bytes.length <= CHUNK) return ask("put", { mediaType }, bytes);
      return upload([bytes], { mediaType });
    },
    async get(sha256) {
      const about = await ask("stat", { sha256 });
      if (about === null) return undefined;
      const readAt = (offset, length) => lend("blobs.read", { sha256, offset, length });
      return { sha256, ...about, ...document(about.length, readAt) };
    },
    delete: (sha256) => ask("delete", { sha256 }),
    share: (sha256) => ask("share", { sha256 }),
    pull: (list, { mediaType } = {}) => ask("pull", { list, mediaType }),
    async list() {
      const found = [];
      while (true) {
        const page = await ask("list", { after: found.at(-1)?.sha256 });
        found.push(...page.entries);
        if (page.done || page.entries.length === 0) return found;
      }
    },
  };
  return { blobs };
});
