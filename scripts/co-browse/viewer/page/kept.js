/**
 * What lets this page come in again after it was loaded anew. A page of a script has no storage, and
 * the browser restores no state of its history; but the name of the window stays with the window, and
 * is not handed on with the address.
 */
export function kept() {
  try {
    const { session, key, name, over } = JSON.parse(globalThis.name);
    return { session, key, name, over };
  } catch {
    return {};
  }
}

/** The key is used up by coming; it need not stand in the address bar. */
export function keep(state) {
  globalThis.name = JSON.stringify(state);
  history.replaceState(null, "", location.pathname);
}
