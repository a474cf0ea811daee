/** Shorter ones are left to the collector. */
const LONG_BYTES = 16_384;

/**
 * Gives the memory of a long piece of a body back at once, when nobody needs it any more: the
 * collector comes when a hundred megabytes of them lie about. A view of a part stays as it is, as
 * the rest may be in use.
 */
export function release({ length, buffer }: Uint8Array): void {
  if (length < LONG_BYTES || length !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
