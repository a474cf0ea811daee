import { digestOf } from "../../runtime/core/digest.ts";
import { ENVELOPE_BYTES } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { verifyAcceptList } from "../../runtime/core/verification/accept_list.ts";
import { authorizeRun } from "../../runtime/core/verification/authorize_run.ts";
import { verifyOrder } from "../../runtime/core/verification/order.ts";
import { verifyRootChain } from "../../runtime/core/verification/root_chain.ts";
import { flooredNow } from "../../runtime/core/verification/time.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, makeFleet, NOW, utf8 } from "./fixtures.ts";
import { PARSE_HERE } from "./parse_here.ts";

// The attacks that TUF 1.0 lists under "Attacks", and those on orders, each by its name.

const fleet = makeFleet();
const root = fleet.root();
const policy = fleet.policy();
const EMPTY = digestOf(new Uint8Array());

Deno.test("rollback: an older accept-list, validly signed, is refused", () => {
  const stored = { epoch: 1, version: 2, digest: EMPTY };
  const older = fleet.seal("acceptlist", fleet.list({ version: 1 }));
  verifyAcceptList(older, { root, now: NOW });
  assertRefused("version_rollback", () => verifyAcceptList(older, { root, stored, now: NOW }));
});

Deno.test("freeze: the newest list a mirror shows stops counting when it expires", () => {
  const bytes = fleet.seal("acceptlist", fleet.list({ expires: instant(NOW + 1000) }));
  verifyAcceptList(bytes, { root, now: NOW });
  assertRefused("expired", () => verifyAcceptList(bytes, { root, now: NOW + 1000 }));
});

Deno.test("freeze: a clock set back does not bring it to life again", () => {
  const bytes = fleet.seal("acceptlist", fleet.list({ expires: instant(NOW) }));
  const setBack = NOW - 3_600_000;
  verifyAcceptList(bytes, { root, now: setBack });
  const now = flooredNow(setBack, NOW);
  assertRefused("expired", () => verifyAcceptList(bytes, { root, now }));
});

Deno.test("fast-forward: a stolen accept key cannot reach past the next epoch", () => {
  const version = Number.MAX_SAFE_INTEGER;
  const last = fleet.seal("acceptlist", fleet.list({ version, prev: EMPTY }));
  const { digest } = verifyAcceptList(last, { root, now: NOW });
  const stored = { epoch: 1, version, digest };
  const ahead = fleet.seal("acceptlist", fleet.list({ epoch: 2 }));
  assertRefused("epoch_ahead", () => verifyAcceptList(ahead, { root, stored, now: NOW }));
  const bytes = fleet.seal("root", fleet.root({ version: 2, epoch: 2 }));
  const recovered = verifyRootChain(root, [bytes], NOW).root;
  verifyAcceptList(ahead, { root: recovered, stored, now: NOW });
});

Deno.test("mix-and-match: one release's manifest does not vouch for another's module", () => {
  const options = { policy, agent: fleet.agent, now: NOW, seen: () => false };
  const order = verifyOrder(fleet.seal("order", fleet.order()), options);
  const other = utf8("export default { run() { return 2; } };");
  const module = {
    sha256: digestOf(other),
    length: other.length,
    mediaType: "application/typescript",
  } as const;
  const manifestBytes = fleet.seal("manifest", fleet.manifest({ module }));
  const run = { order, manifestBytes, policy, now: NOW, parsers: PARSE_HERE };
  authorizeRun({ ...run, moduleBytes: other });
  assertRefused("module_length", () => authorizeRun({ ...run, moduleBytes: fleet.module }));
});

Deno.test("endless data: an envelope is refused by its length before it is read", () => {
  const endless = new Uint8Array(ENVELOPE_BYTES.acceptlist + 1);
  assertRefused("too_large", () => verifyAcceptList(endless, { root, now: NOW }));
});

Deno.test("wrong audience and replay: an order counts once, where it was sent", () => {
  const bytes = fleet.seal("order", fleet.order());
  const ids = new Set<string>();
  const seen = (id: string) => ids.has(id);
  const { order } = verifyOrder(bytes, { policy, agent: fleet.agent, now: NOW, seen });
  ids.add(order.id);
  assertRefused(
    "replayed",
    () => verifyOrder(bytes, { policy, agent: fleet.agent, now: NOW, seen }),
  );
  const agent = keyId(generateSigner().publicKey);
  assertRefused("wrong_audience", () => verifyOrder(bytes, { policy, agent, now: NOW, seen }));
});

Deno.test("cross-fleet: another fleet's list, signed by the same key, is refused", () => {
  const bytes = fleet.seal("acceptlist", fleet.list({ fleet: "other" }));
  assertRefused("wrong_fleet", () => verifyAcceptList(bytes, { root, now: NOW }));
});
