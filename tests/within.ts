/** How long anything may take that is waited for. */
export const PATIENCE_MS = 60_000;

/**
 * Waits for what must come, and says what did not.
 *
 * @param what As it stands in the error: "the order".
 */
export async function within<T>(waited: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} never came`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([waited, late]);
  } finally {
    clearTimeout(timer);
  }
}
