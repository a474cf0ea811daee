// `ctx.blobs`.
(({ document, ours, unread, CHUNK }) => (lend) => {
  const ask = async (method, params, body, ours) =>
    (await lend(`blobs.${method}`, params, body, ours)).value;
  const encoder = new TextEncoder();

  const bytesOf = (part) => {
    const bytes = typeof part === "string" ? encoder.encode(part) : part;
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError("a body is made of streams, bytes and text");
  };
  // One after another, in pieces as large as the agent takes: each is a call, and a network brings
  // many small ones.
  const packed = async function* (parts) {
    let piece = new Uint8Array(CHUNK), filled = 0;
    for (const part of parts) {
      const isOurs = ours.has(part);
      for await (const chunk of part instanceof ReadableStream ? part : [bytesOf(part)]) {
        const bytes = bytesOf(chunk);
        if (isOurs && filled === 0 && bytes.length === CHUNK) {
          yield bytes;
          continue;
        }
        for (let at = 0; at < bytes.length;) {
          const some = bytes.subarray(at, at + CHUNK - filled);
          piece.set(some, filled);
          filled += some.length;
          at += some.length;
          if (filled < CHUNK) continue;
          yield piece;
          piece = new Uint8Array(CHUNK);
          filled = 0;
        }
      }
    }
    if (filled > 0) yield piece.slice(0, filled);
  };

  const upload = async (pieces, waiting, { record, ...about }) => {
    const { upload } = await ask("begin", about);
    try {
      // One piece is on its way while the next is read.
      let onItsWay;
      for (let next; (next = waiting.shift() ?? await pieces.next()) && !next.done;) {
        await onItsWay;
        onItsWay = ask("write", { upload }, next.value, true);
        onItsWay.catch(() => {}); // told by the next await
      }
      await onItsWay;
      return await ask("end", { upload, record });
    } catch (error) {
      await pieces.return();
      await ask("abort", { upload }).catch(() => {});
      throw error;
    }
  };

  // What is left of the request's own body goes to disk without coming here: the agent has it.
  const handOver = async (first, stream, about) => {
    const reader = stream.getReader();
    try {
      return await ask("put", { ...about, rest: true }, first);
    } finally {
      reader.cancel().catch(() => {});
    }
  };
  const withAgent = (stream) => {
    const body = unread.get(stream);
    if (body?.task === lend.task && !stream.locked && body.isIdle()) return body;
  };

  const put = async (parts, about) => {
    const last = parts.at(-1);
    const bytes = parts.filter((part) => !(part instanceof ReadableStream)).map(bytesOf);
    const body = withAgent(last);
    const isWhole = bytes.length === parts.length - (body ? 1 : 0);
    const length = bytes.reduce((sum, { length }) => sum + length, 0);
    if (isWhole && length + (body ? body.firstBytes() : 0) <= CHUNK) {
      if (body?.firstBytes() > 0) bytes.push(body.takeFirst());
      const first = bytes.length === 1
        ? bytes[0]
        : new Uint8Array(await new Blob(bytes).arrayBuffer());
      return await (body ? handOver(first, last, about) : ask("put", about, first));
    }
    const pieces = packed(parts);
    const waiting = [await pieces.next(), await pieces.next()];
    if (waiting[1].done) return await ask("put", about, waiting[0].value, true);
    return await upload(pieces, waiting, about);
  };

  const blobs = {
    put: (body, { mediaType, most, record } = {}) =>
      put(Array.isArray(body) ? body : [body], { mediaType, most, record }),
    async get(sha256) {
      const about = await ask("stat", { sha256 });
      if (about === null) return undefined;
      const readAt = (offset, length) => lend("blobs.read", { sha256, offset, length });
      return { sha256, ...about, ...document(about.length, readAt) };
    },
    delete: (sha256) => ask("delete", { sha256 }),
    share: (sha256) => ask("share", { sha256 }),
    pull: (list, { mediaType, most } = {}) => ask("pull", { list, mediaType, most }),
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
