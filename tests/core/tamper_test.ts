import fc from "fast-check";
import { canonicalBytes, parseCanonical } from "../../runtime/core/canonical_json.ts";
import { verifyAcceptList } from "../../runtime/core/verification/accept_list.ts";
import { verifyManifest } from "../../runtime/core/verification/manifest.ts";
import { verifyModule } from "../../runtime/core/verification/module.ts";
import { verifyOrder } from "../../runtime/core/verification/order.ts";
import { verifyRootChain } from "../../runtime/core/verification/root_chain.ts";
import { assertRefusedSomehow } from "./assert_refused.ts";
import { makeFleet, NOW, utf8 } from "./fixtures.ts";
import { PARSE_HERE } from "./parse_here.ts";

const fleet = makeFleet();
const policy = fleet.policy();
const root = fleet.root();

/** Each kind of bytes that Writ trusts: good ones, and the step that verifies them. */
const SUBJECTS: Record<string, { bytes: Uint8Array; verify: (bytes: Uint8Array) => unknown }> = {
  root: {
    bytes: fleet.seal("root", fleet.root({ version: 2 })),
    verify: (bytes) => verifyRootChain(root, [bytes], NOW),
  },
  "accept-list": {
    bytes: fleet.seal("acceptlist", fleet.list()),
    verify: (bytes) => verifyAcceptList(bytes, { root, now: NOW }),
  },
  manifest: {
    bytes: fleet.seal("manifest", fleet.manifest()),
    verify: (bytes) => verifyManifest(bytes, { policy }),
  },
  order: {
    bytes: fleet.seal("order", fleet.order()),
    verify: (bytes) =>
      verifyOrder(bytes, { policy, agent: fleet.agent, now: NOW, seen: () => false }),
  },
  module: {
    bytes: fleet.module,
    verify: (bytes) => verifyModule(bytes, fleet.manifest(), PARSE_HERE),
  },
};

for (const [name, { bytes, verify }] of Object.entries(SUBJECTS)) {
  Deno.test(`the ${name} is refused when any one byte changed, at every position`, () => {
    verify(bytes);
    for (let i = 0; i < bytes.length; i++) {
      // The lowest bit, the bit of letter case, the highest bit, and a byte that JSON and base64 skip.
      for (const other of [bytes[i]! ^ 1, bytes[i]! ^ 0x20, bytes[i]! ^ 0x80, 0x20]) {
        if (other === bytes[i]) continue;
        const changed = Uint8Array.from(bytes);
        changed[i] = other;
        assertRefusedSomehow(() => verify(changed), `${name}, byte ${i} as ${other}`);
      }
    }
  });

  Deno.test(`the ${name} is refused when a byte is put in, taken out, or bytes are cut off`, () => {
    for (let i = 0; i <= bytes.length; i += 7) {
      const [head, tail] = [bytes.subarray(0, i), bytes.subarray(i)];
      const inserted = Uint8Array.from([...head, 0x20, ...tail]);
      assertRefusedSomehow(() => verify(inserted), `${name}, a space at ${i}`);
      if (i === bytes.length) continue;
      const removed = Uint8Array.from([...head, ...tail.subarray(1)]);
      assertRefusedSomehow(() => verify(removed), `${name}, without byte ${i}`);
      assertRefusedSomehow(() => verify(head), `${name}, cut at ${i}`);
    }
  });

  Deno.test(`the ${name} is refused when any bytes are replaced by any others`, () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (at, others) => {
          const changed = Uint8Array.from(bytes);
          changed.set(others.subarray(0, bytes.length - at), at);
          fc.pre(changed.some((byte, i) => byte !== bytes[i]));
          assertRefusedSomehow(() => verify(changed), `${name}, ${others} at ${at}`);
        },
      ),
      { numRuns: 300 },
    );
  });
}

/** A sealed document whose payload is another value under the old signature. */
function withPayload(envelope: Uint8Array, payload: Uint8Array): Uint8Array {
  const written = parseCanonical(envelope) as { payload: string };
  return canonicalBytes({ ...written, payload: btoa(String.fromCharCode(...payload)) });
}

for (const name of ["root", "accept-list", "manifest", "order"]) {
  const { bytes, verify } = SUBJECTS[name]!;
  Deno.test(`the ${name} is refused when any byte of its payload changed under a good envelope`, () => {
    const { payload } = parseCanonical(bytes) as { payload: string };
    const good = Uint8Array.from(atob(payload), (c) => c.charCodeAt(0));
    verify(withPayload(bytes, good));
    for (let i = 0; i < good.length; i++) {
      const changed = Uint8Array.from(good);
      changed[i]! ^= 1;
      assertRefusedSomehow(() => verify(withPayload(bytes, changed)), `${name}, payload byte ${i}`);
    }
    assertRefusedSomehow(() => verify(withPayload(bytes, utf8("{}"))), `${name}, emptied`);
  });
}
