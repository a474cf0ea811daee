import { Buffer } from "node:buffer";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import { type DocumentKind, sealPayload } from "../../runtime/core/dsse.ts";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { type ExportableSigner, keyId, signerFromPkcs8 } from "../../runtime/core/key.ts";
import { type PolicyInForce, policyInForceFrom } from "../../runtime/core/policy_in_force.ts";
import { makeFleet, NOW, roleOf } from "../core/fixtures.ts";

/** PKCS#8 in front of an Ed25519 seed. */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** Always the same key for a number, so that a seed always makes the same inputs. */
export function fuzzSigner(number: number): ExportableSigner {
  return signerFromPkcs8(Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, number)]));
}

/** The tests' fleet with keys that never change. */
export class FuzzFleet {
  readonly signers = {
    root: fuzzSigner(1),
    acceptlist: fuzzSigner(2),
    manifest: fuzzSigner(3),
    order: fuzzSigner(4),
    advert: fuzzSigner(7),
    release: fuzzSigner(8),
  };
  readonly stranger = fuzzSigner(5);
  readonly agent = keyId(fuzzSigner(6).publicKey);
  readonly now = NOW;
  readonly documents;
  readonly policy: PolicyInForce;
  readonly #ceiling;

  constructor() {
    const fleet = makeFleet(NOW);
    const { root, acceptlist, manifest, order, release } = this.signers;
    this.#ceiling = fleet.ceiling;
    this.documents = {
      root: fleet.root({
        roles: {
          root: roleOf([root]),
          accept: roleOf([acceptlist]),
          releases: roleOf([release]),
        },
        orderers: { operator: roleOf([order]) },
      }),
      acceptlist: fleet.list({
        publishers: {
          acme: { keys: [{ key: manifest.publicKey, state: "active" }], threshold: 1 },
        },
        deny: [{ script: "acme/hello", range: "<1.0.0" }],
        labels: { [this.agent]: ["office"] },
      }),
      manifest: fleet.manifest({ inputSchema: { type: "object" }, limits: { cpuMs: 1_000 } }),
      order: fleet.order({
        id: "0b7f6a1e-6f0c-4c3a-9a55-3d1f1f0c2b4d",
        audience: { labels: ["office"] },
      }),
      advert: fleet.advert({ key: this.signers.advert.publicKey, fleet: "demo" }),
      release: fleet.release(),
    };
    this.policy = this.policyFrom(this.documents.acceptlist);
  }

  /** @throws {VerificationError} as `policyInForceFrom` does */
  policyFrom(list: AcceptList): PolicyInForce {
    return policyInForceFrom(list, this.documents.root, this.#ceiling);
  }

  /** Signs any JSON as a document of a kind: by who must, or by somebody else. */
  seal(kind: DocumentKind, value: unknown, by = this.signers[kind]): Uint8Array {
    return sealPayload(kind, canonicalBytes(value), [by]);
  }
}
