import { bytesOf, type Head, latin1 } from "./proxy_head.ts";

/** How long an answer may still come for a client that says no more. */
const LINGER_MS = 10_000;
const PIECE_BYTES = 64 << 10;
/** The longest head of an answer that is passed on. */
const MAX_ANSWER_HEAD_BYTES = 256_000;

/** Reads what comes next; no bytes at the end. */
async function nextPiece(from: Deno.TcpConn, most = PIECE_BYTES): Promise<Uint8Array> {
  const buffer = new Uint8Array(Math.min(most, PIECE_BYTES));
  const count = await from.read(buffer);
  return buffer.subarray(0, count ?? 0);
}

export async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

export function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}

/**
 * Carries one request to a server and its answer back. Nothing of the client's goes there after the
 * request, and the answer tells the client so, whatever the server says: the next request would have
 * the proxy's password in it.
 *
 * @param bodyBytes As the head says.
 */
export async function exchange(
  client: Deno.TcpConn,
  server: Deno.TcpConn,
  { request, rest, bodyBytes }: Pick<Head, "request" | "rest"> & { bodyBytes: number },
): Promise<void> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const end = () => [client, server].forEach(closeQuietly);
  const ask = async () => {
    await writeAll(server, request);
    await writeAll(server, rest.subarray(0, bodyBytes));
    for (let left = bodyBytes - rest.length; left > 0;) {
      const piece = await nextPiece(client, left);
      if (piece.length === 0) return end();
      await writeAll(server, piece);
      left -= piece.length;
    }
    const isNext = rest.length > bodyBytes || (await nextPiece(client, 1)).length > 0;
    if (isNext) return end();
    // Who hangs up has the answer, whatever else the server keeps its connection for.
    late = setTimeout(end, LINGER_MS);
  };
  const asked = ask().catch(end);
  try {
    await writeAll(client, await answerHead(server));
    for (let piece; (piece = await nextPiece(server)).length > 0;) await writeAll(client, piece);
    await client.closeWrite();
  } finally {
    end();
    await asked;
    clearTimeout(late);
  }
}

/** The heads of an answer and of what is told before it, and what came with them. */
async function answerHead(server: Deno.TcpConn): Promise<Uint8Array> {
  let text = "";
  for (let from = 0; text.length < MAX_ANSWER_HEAD_BYTES;) {
    const end = text.indexOf("\r\n\r\n", from);
    if (end < 0) {
      const piece = await nextPiece(server);
      if (piece.length === 0) throw new Error("the server ended");
      text += latin1(piece);
      continue;
    }
    const [status = "", ...lines] = text.slice(from, end).split("\r\n");
    const kept = lines.filter((line) => !/^(?:connection|keep-alive|proxy-[a-z-]+):/i.test(line));
    const head = [status, ...kept, "Connection: close", "", ""].join("\r\n");
    text = text.slice(0, from) + head + text.slice(end + 4);
    // Early hints and the like come before the answer itself.
    if (!/^HTTP\/1\.[01] 1\d\d/.test(status)) return bytesOf(text);
    from += head.length;
  }
  throw new Error("its head does not end");
}
