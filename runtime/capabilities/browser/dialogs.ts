import { wait, within } from "../../core/wait.ts";
import { CdpError, type CdpLink } from "./cdp/link.ts";

/** What Chromium says while a page is neither the one that asked nor the next one. */
const BETWEEN = /not attached to an active page/i;
/** How long a page may be so, and how often it is answered meanwhile. */
const BETWEEN_MS = 5_000;
const AGAIN_MS = 100;

/**
 * Answers what a page asks: no to `alert`, `confirm` and `prompt`, yes to `beforeunload`.
 *
 * @param stuck Called when a page hangs for good. Where its next document has the same process, that
 * one waits for what the one before asked last; Chromium takes no answer to it, and only closing the
 * page ends it.
 */
export function answerDialogs(link: CdpLink, session: string, stuck: () => void): void {
  link.on("Page.javascriptDialogOpening", ({ type }) => {
    void answer(link, session, type === "beforeunload").then((goesOn) => goesOn || stuck());
  }, session);
}

/** @returns whether the page goes on */
async function answer(link: CdpLink, session: string, accept: boolean): Promise<boolean> {
  for (const end = Date.now() + BETWEEN_MS; Date.now() < end;) {
    try {
      const answered = link.send("Page.handleJavaScriptDialog", { accept }, session);
      await within(BETWEEN_MS, answered);
      return true;
    } catch (error) {
      if (error instanceof CdpError && !BETWEEN.test(error.message)) return true;
    }
    await wait(AGAIN_MS);
  }
  return false;
}
