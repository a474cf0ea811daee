/** What a cell takes in one piece. */
const PIECE_BYTES = 256 << 10;
/** What is read before anybody wants it. */
const AHEAD_BYTES = 1 << 20;

/**
 * Reads a client's body a little ahead, and gives it in larger pieces: each piece costs a cell two
 * ways through its pipe, and clients send in small ones. What waits is bounded; nothing waits for
 * more to come.
 */
export function readAhead(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  let more = () => {};

  const pump = async () => {
    try {
      while (true) {
        const { value, done } = await reader.read();
        if (done) break;
        waiting.push(value);
        bytes += value.length;
        wake();
        if (bytes >= AHEAD_BYTES) await new Promise<void>((resolve) => more = resolve);
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wake();
  };

  const take = (): Uint8Array => {
    const whole = waiting.length === 1 ? waiting[0]! : concat(waiting, bytes);
    const piece = whole.subarray(0, PIECE_BYTES);
    const rest = whole.subarray(piece.length);
    waiting = rest.length > 0 ? [rest] : [];
    bytes = rest.length;
    more();
    return piece;
  };

  let pumping: Promise<void> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      pumping ??= pump();
      while (bytes === 0 && !ended) await new Promise<void>((resolve) => wake = resolve);
      if (bytes > 0) return controller.enqueue(take());
      if (failure) return controller.error(failure.error);
      controller.close();
    },
    async cancel(reason) {
      ended = true;
      more();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
