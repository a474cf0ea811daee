import * as v from "valibot";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import { VerificationError } from "../../core/errors.ts";
import type { Root } from "../../core/documents/root.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import type { HubEntry } from "../../policy/mod.ts";
import { AgentError } from "../errors.ts";
import { openState } from "../start/open_state.ts";
import { parseEnrolToken } from "./enrol_token.ts";
import { fetchPinnedRoots } from "./fetch_documents.ts";
import { HubClient } from "./hub_client.ts";
import { type Enrolled, enrolledSchema, type EnrolRequest } from "./wire.ts";

/** What a machine needs to enrol. */
export interface EnrolOptions {
  /** Where the agent keeps what it must not forget; made when it is missing. */
  stateDir: string;
  /** Without a slash at the end. */
  url: string;
  token: string;
  /** What the machine is called, for people. */
  name: string;
  /** Of the certificate that vouches for the hub's TLS; default: a public authority must. */
  ca?: Digest;
  /** A fleet that this machine belongs to already. */
  fleet?: string;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A machine that has enrolled. */
export interface Enrolment {
  readonly id: KeyId;
  readonly hub: Omit<HubEntry, "facts" | "others">;
  /** Whether it waits for an admin. */
  readonly standing: Enrolled["standing"];
  readonly labels: readonly string[];
  /** The newest root, from the one that the token pins. */
  readonly root: Root;
  /** From the pinned one on, lowest first; verified. */
  readonly roots: readonly Uint8Array[];
}

/** The longest answer to a request to be enrolled. */
const ENROLLED_BYTES = 16_384;

/**
 * Makes this machine an agent of a fleet. In order: the token, the hub's roots against the root
 * that the token pins, and only then, with a proof of this machine's key, the token's secret.
 *
 * @throws {AgentError} enrol_token – the token is none
 * @throws {PeerError} unreachable, unknown_key, bad_signature, … – nobody answers, or another hub
 * @throws {VerificationError} root_not_pinned – the hub shows another fleet; nothing was told to it
 * @throws {VerificationError} wrong_fleet – the machine belongs to another fleet
 * @throws {AgentError} hub_refused – the hub says no
 * @throws {AgentError} – and the codes of `openState()`
 */
export async function enrolAgent(options: EnrolOptions): Promise<Enrolment> {
  const { url, name, ca, now } = options;
  const { tenant, root: pinned, hub: id, secret } = parseEnrolToken(options.token);
  const hub = { url, id, tenant, ...(ca && { ca }) };
  await using opened = new AsyncDisposableStack();
  // Identity and records are made together, so that the agent's first start misses none.
  const { signer, agent } = await openState(opened, options);
  using client = new HubClient({ hub, signer, now });
  const { root, envelopes } = await fetchPinnedRoots(client, pinned, now());
  requireFleet(root, options.fleet);
  const request = { secret, key: signer.publicKey, name: name.slice(0, 255) };
  const { standing, labels } = await ask(client, request);
  return { id: agent, hub, standing, labels, root, roots: envelopes };
}

async function ask(client: HubClient, request: EnrolRequest): Promise<Enrolled> {
  const bytes = await client.post("enrol", request, ENROLLED_BYTES);
  try {
    return v.parse(enrolledSchema, parseHostileJson(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new AgentError("hub_refused", "Cannot read what the hub answers", { cause });
  }
}

function requireFleet(root: Root, fleet: string | undefined): void {
  if (fleet === undefined || root.fleet === fleet) return;
  throw new VerificationError(
    "wrong_fleet",
    `Cannot enrol in fleet "${root.fleet}" as this machine belongs to "${fleet}"`,
  );
}
