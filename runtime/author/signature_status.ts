import type { KeyId, PublicKey } from "../core/documents/common.ts";
import type { Root } from "../core/documents/root.ts";
import { parseDocument } from "../core/documents/parse.ts";
import { type DocumentKind, openEnvelope, signedBy } from "../core/dsse.ts";
import { keyId } from "../core/key.ts";
import type { PolicyInForce } from "../core/policy_in_force.ts";
import { meets } from "../core/verification/threshold.ts";

/** What one role has signed of a document, and what it has not. */
export interface RoleStatus {
  /** `accept`, `root of version 1`, `publisher acme` … */
  readonly role: string;
  /** Keys that must sign. */
  readonly threshold: number;
  readonly signed: readonly KeyId[];
  /** Keys of the role that have not signed; so many of them as are wanting are enough. */
  readonly waiting: readonly KeyId[];
  readonly complete: boolean;
}

/** Who signed a document, and who has to sign it still. */
export interface SignatureStatus {
  readonly kind: DocumentKind;
  /** Every one has to be complete, but for an order, which one orderer is enough for. */
  readonly roles: readonly RoleStatus[];
  readonly complete: boolean;
  /** Signatures that count for no role that is known. */
  readonly strangers: readonly string[];
}

/** What the roles of a document are known from. */
export interface StatusContext {
  /** Of a list or release: the root in use. Of a root: the one before it; absent for the first. */
  readonly root?: Root;
  /** Of a manifest or an order. */
  readonly policy?: PolicyInForce;
}

/**
 * Says who signed a document and what is missing, so that it can be handed on. Signatures are
 * verified; whether the document holds otherwise is not asked.
 *
 * @throws {VerificationError} – the codes of `openEnvelope` and `parseDocument`
 */
export function signatureStatus(
  kind: DocumentKind,
  bytes: Uint8Array,
  context: StatusContext,
): SignatureStatus {
  const envelope = openEnvelope(kind, bytes);
  const wanted = rolesOf(kind, envelope.payload, context);
  const roles = wanted.map(({ role, keys, threshold }): RoleStatus => {
    const signers = signedBy(envelope, keys);
    return {
      role,
      threshold,
      signed: keys.filter((key) => signers.has(key)).map(keyId),
      waiting: keys.filter((key) => !signers.has(key)).map(keyId),
      complete: meets(signers.size, threshold),
    };
  });
  const known = new Set(roles.flatMap(({ signed }) => signed as string[]));
  const complete = kind === "order"
    ? roles.some((role) => role.complete)
    : roles.length > 0 && roles.every((role) => role.complete);
  const strangers = [...envelope.signatures.keys()].filter((id) => !known.has(id));
  return { kind, roles, complete, strangers };
}

interface WantedRole {
  readonly role: string;
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

function rolesOf(
  kind: DocumentKind,
  payload: Uint8Array,
  { root, policy }: StatusContext,
): WantedRole[] {
  switch (kind) {
    case "root": {
      const { version, roles } = parseDocument("root", payload);
      const own = { role: `root of version ${version}`, ...roles.root };
      return root ? [{ role: `root of version ${root.version}`, ...root.roles.root }, own] : [own];
    }
    case "acceptlist":
      return root ? [{ role: "accept", ...root.roles.accept }] : [];
    case "release":
      return root?.roles.releases ? [{ role: "releases", ...root.roles.releases }] : [];
    case "manifest": {
      const { publisher } = parseDocument("manifest", payload);
      const known = policy?.publishers.get(publisher);
      if (!known) return [];
      const keys = known.keys.filter(({ state }) => state === "active").map(({ key }) => key);
      return [{ role: `publisher ${publisher}`, keys, threshold: known.threshold }];
    }
    case "order":
      return [...policy?.orderers ?? []].map(([name, role]) => ({
        role: `orderer ${name}`,
        ...role,
      }));
    default:
      return [];
  }
}
