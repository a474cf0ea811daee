/**
 * Resolves after some time.
 *
 * @param ms Milliseconds.
 * @param signal Rejects with its reason when it is aborted before.
 */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Resolves after some time, or at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, signal).catch(() => {});
}

/**
 * What comes of some work, which goes on when it takes too long.
 *
 * @param ms The longest that is waited, milliseconds.
 * @param late What is thrown then.
 */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  late: () => Error = () => new Error("too late"),
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
