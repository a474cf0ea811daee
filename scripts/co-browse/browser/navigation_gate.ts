/** What was clicked may lead somewhere by itself, for so long. */
export const CAUSE_MS = 1_000;
/** How long that is waited for before the browser is sent there. */
const PATIENCE_MS = 250;

/**
 * Keeps a browser from loading a page twice: where a click was followed, or a page leads on by
 * itself, the next one comes without help, and perhaps by a form that must not be sent again.
 */
export class NavigationGate {
  #url = "";
  #arrivedAt = -Infinity;
  #causedAt = -Infinity;
  #wake = () => {};

  /** The browser is there. */
  arrived(url: string, now: number): void {
    this.#url = url;
    this.#arrivedAt = now;
    this.#wake();
  }

  /** Something was done that may lead to another page. */
  caused(now: number): void {
    this.#causedAt = now;
  }

  /** Whether the browser must be sent to a page, rather than being there or on the way. */
  async mustLoad(url: string, now: number): Promise<boolean> {
    if (this.#url === url && now - this.#arrivedAt < CAUSE_MS) return false;
    if (now - this.#causedAt > CAUSE_MS) return true;
    this.#causedAt = -Infinity;
    return await new Promise((resolve) => {
      const end = (must: boolean) => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve(must);
      };
      const timer = setTimeout(() => end(true), PATIENCE_MS);
      this.#wake = () => this.#url === url && end(false);
    });
  }
}
