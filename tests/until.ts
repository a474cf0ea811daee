import { PATIENCE_MS, within } from "./within.ts";

/** Asks again and again until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    if (await within((async () => await holds())(), `what ${holds} asks`)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it does not come about: ${holds}`);
}
