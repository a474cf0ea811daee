import type { IppMessage } from "../ipp/message.ts";
import type { Spool } from "../spool/spool.ts";

/**
 * Sends a document that somebody may cancel on its way: a printer reads at the speed of paper.
 *
 * @param cancel Tells the printer, before the connection breaks.
 * @returns nothing when it was cancelled: what came of it, the printer has to be asked
 * @throws the signal's reason, or what sending threw
 */
export async function untilCanceled(
  job: { readonly id: number; readonly spool: Spool; readonly signal: AbortSignal },
  send: (signal: AbortSignal) => Promise<IppMessage>,
  cancel: () => Promise<void>,
): Promise<IppMessage | undefined> {
  const { id, spool, signal } = job;
  if (spool.get(id)!.canceling) {
    await cancel().catch(() => {});
    return undefined;
  }
  const canceled = new AbortController();
  let told: Promise<void> | undefined;
  const stop = spool.watch((changed) => {
    if (changed.id !== id || !changed.canceling) return;
    told ??= cancel().catch(() => {}).finally(() => canceled.abort());
  });
  try {
    const answer = await send(AbortSignal.any([signal, canceled.signal]));
    return answer.code >= 0x0100 && spool.get(id)!.canceling ? undefined : answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!canceled.signal.aborted) throw error;
    return undefined;
  } finally {
    stop();
  }
}
