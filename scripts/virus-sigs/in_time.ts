/** Something was not done in its time; it may be later. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/** @throws {TooSlow} when it takes longer than `ms`; the work goes on all the same */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow(`it took longer than ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
