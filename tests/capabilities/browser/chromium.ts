import { requireReal } from "../../real/require_real.ts";

/** Whether there is a Chromium here; tests that drive one are ignored, loudly, where there is none. */
export const withoutChromium = { ignore: requireReal(["chromium", "setpriv"]) === undefined };
