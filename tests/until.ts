/** How long anything may take that is waited for. */
export const PATIENCE_MS = 60_000;

/** Asks again and again until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it does not come about: ${holds}`);
}
