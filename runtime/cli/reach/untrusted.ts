/** Whether a call failed as nobody who is trusted vouches for the certificate that was shown. */
export function isUntrusted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /invalid peer certificate/i.test(error.message) || isUntrusted(error.cause);
}
