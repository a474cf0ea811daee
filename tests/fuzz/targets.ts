import type { Target } from "./target.ts";
import { documents, envelopes } from "./targets/documents.ts";
import { base64, canonicalJson, keyFiles, publicKeys } from "./targets/encodings.ts";
import { flags } from "./targets/flags.ts";
import { frames, messages } from "./targets/frames.ts";
import { requestHeads, responseHeads } from "./targets/heads.ts";
import { http } from "./targets/http.ts";
import { ippCodec, ippPrinter, ippQueue } from "./targets/ipp.ts";
import { moduleGrowth, modules } from "./targets/modules.ts";
import { policyFiles, policyGrowth } from "./targets/policy.ts";
import { handshakes, relayed, socketFrames } from "./targets/sockets.ts";
import { serverEvents } from "./targets/sse.ts";

/** Everything that reads what strangers wrote, from the innermost wall outwards. */
export const TARGETS: readonly Target[] = [
  frames,
  messages,
  base64,
  canonicalJson,
  publicKeys,
  keyFiles,
  envelopes,
  documents,
  modules,
  moduleGrowth,
  policyFiles,
  policyGrowth,
  flags,
  http,
  requestHeads,
  responseHeads,
  serverEvents,
  socketFrames,
  handshakes,
  relayed,
  ippCodec,
  ippPrinter,
  ippQueue,
];

/** @throws {RangeError} for a name that no target has */
export function targetsNamed(names: readonly string[]): readonly Target[] {
  const unknown = names.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) {
    const known = TARGETS.map(({ name }) => name).join(", ");
    throw new RangeError(`no target "${unknown}"; there are ${known}`);
  }
  return names.length === 0 ? TARGETS : TARGETS.filter(({ name }) => names.includes(name));
}
