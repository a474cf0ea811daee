import type { Digest, KeyId } from "../../core/documents/common.ts";
import { closed, flag, listOf, oneOf } from "../yaml/decoders.ts";
import type { Decoder } from "../yaml/decoder.ts";
import { digest, keyId, name } from "./values.ts";

/** What an agent may tell a hub of its machine. */
export const FACT_KINDS = ["os", "versions", "disk", "scripts"] as const;

/** One kind of fact. */
export type FactKind = typeof FACT_KINDS[number];

/** The hub that an agent belongs to. */
export interface HubEntry {
  /** Without a slash at the end. */
  readonly url: string;
  /** Where else it is reached: other hubs with the same key and database. */
  readonly others: readonly string[];
  /** The key that it must prove. */
  readonly id: KeyId;
  /** Whose fleet it is, by its name at the hub. */
  readonly tenant: string;
  /** Of the certificate that vouches for its TLS; without it a public authority must. */
  readonly ca?: Digest;
  readonly facts: readonly FactKind[];
  /** Whether agents find each other through it: it gets this one's advert, and gives others'. */
  readonly rendezvous?: boolean;
  /** Whether this agent keeps a connection to it, to be reached through it. */
  readonly relay?: boolean;
}

/** `hub:` of `fleet.yaml`; `writ enrol` writes it. */
export function hubYaml(url: Decoder<string>): Decoder<HubEntry> {
  return (place) => {
    const written = closed({ url, id: keyId, tenant: name }, {
      others: listOf(url),
      ca: digest,
      facts: listOf(oneOf(FACT_KINDS)),
      rendezvous: flag,
      relay: flag,
    })(place);
    return written && { ...written, others: written.others ?? [], facts: written.facts ?? [] };
  };
}
