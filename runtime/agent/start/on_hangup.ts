/** Does something at every SIGHUP, until it is disposed of. */
export function onHangup(action: () => void): Disposable {
  Deno.addSignalListener("SIGHUP", action);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", action) };
}
