import type { VerificationCode } from "../core/errors.ts";
import type { RefusalCode } from "../core/outcome.ts";

/** What a rule is for, and who can do what about it. */
export interface Reason {
  /** The rule, as a sentence without a period. */
  readonly rule: string;
  /** What an admin may do, each a step by itself; empty when nothing should be done here. */
  readonly admin: readonly string[];
}

const AGAIN = "have the order made again";
const PUBLISHED = "ask the publisher for a release that is whole";
const MALFORMED: Reason = {
  rule: "A document is read only if it is written in the one way that it can be written",
  admin: [PUBLISHED, AGAIN],
};
const LIST: readonly string[] = [
  "look at the lists and roots: writ verify policy/signed/*",
  "sign the next list, and copy policy/signed to the machine whole",
];
const MODULE: Reason = {
  rule: "The module that runs is, byte for byte, the one its publisher signed",
  admin: [
    "look at the source it came from: it gave other bytes, by mistake or by intent",
    "publish the release again: writ publish FOLDER --to SOURCE",
  ],
};

/** Every rule that can refuse a run or an order, in words for whoever owns the policy. */
export const REFUSAL_REASONS: Readonly<Record<VerificationCode | RefusalCode, Reason>> = {
  too_large: {
    rule: "No document and no module is longer than its kind may be",
    admin: ["ask the publisher for a smaller one"],
  },
  bad_envelope: MALFORMED,
  wrong_kind: MALFORMED,
  not_canonical: MALFORMED,
  bad_schema: MALFORMED,
  too_many_signatures: MALFORMED,
  threshold: {
    rule: "Enough of the keys that the policy names must have signed",
    admin: [
      "see who signed and who is missing: writ sign --status FILE",
      "if a key is new and yours to trust, add it: writ key add KEY --publisher NAME",
    ],
  },
  low_order_key: {
    rule: "A key that verifies forged signatures is no key",
    admin: ["take it out of the policy, and ask who put it there"],
  },
  wrong_fleet: {
    rule: "An order counts in the fleet it was made for",
    admin: [AGAIN + ", for this fleet"],
  },
  epoch_rollback: { rule: "A fleet never goes back to an older epoch", admin: LIST },
  epoch_ahead: { rule: "A list is of the epoch that its root has begun", admin: LIST },
  version_rollback: { rule: "An agent never goes back to an older list or root", admin: LIST },
  version_conflict: { rule: "A number names one list for ever", admin: LIST },
  version_gap: { rule: "Roots follow one another without a gap", admin: LIST },
  root_not_pinned: { rule: "The first root is the one this agent was given", admin: LIST },
  prev_mismatch: { rule: "Each list names the one before it", admin: LIST },
  expired: {
    rule: "Nothing runs by an order, a list or a root that has expired",
    admin: [
      AGAIN + ", with more time: --expires '1 h'",
      "if the policy has expired, sign the next list: writ policy sign --expires '30 d'",
      "compare the clocks: writ doctor",
    ],
  },
  not_yet_valid: {
    rule: "Nothing is used before it was issued",
    admin: ["compare the clocks: writ doctor"],
  },
  unknown_publisher: {
    rule: "Only publishers that the policy names are believed",
    admin: [
      "get the publisher's key over a way you trust",
      "then: writ policy accept MANIFEST --publisher-key KEY",
    ],
  },
  key_revoked: {
    rule: "A revoked key counts for nothing",
    admin: ["ask the publisher to sign again with a key that is active"],
  },
  key_retired: {
    rule: "A retired key counts for old releases only",
    admin: [
      "ask the publisher to sign again with a key that is active",
      "or pin these very bytes: writ policy accept MANIFEST",
    ],
  },
  denied: {
    rule: "What a deny entry names does not run, whatever accepts it",
    admin: ['read the reason beside the entry, under "deny" in policy/accept.yaml'],
  },
  not_accepted: {
    rule: "Only releases that an accept entry names run",
    admin: [
      "see what it is: writ policy pending",
      "if it may run: writ policy approve SCRIPT, or writ policy accept MANIFEST",
    ],
  },
  sequence_rollback: {
    rule: "A release older than one that ran here does not come back",
    admin: ["order the newer one, or pin the old bytes: writ policy accept MANIFEST"],
  },
  runtime_range: {
    rule: "A script runs under the versions of Writ that its publisher names",
    admin: ["update Writ on this machine, or order a release for this version"],
  },
  module_length: MODULE,
  module_hash: MODULE,
  module_encoding: MODULE,
  module_syntax: {
    rule: "A module is JavaScript, or TypeScript whose types can be erased",
    admin: ["ask the publisher to pack it again: writ pack"],
  },
  module_import: {
    rule: "A module is whole in itself: it imports nothing from files or hosts",
    admin: ["ask the publisher to pack it again: writ pack"],
  },
  no_grant: {
    rule: "Nobody may order a script that no grant names",
    admin: ["if it may run: writ policy approve SCRIPT, or write policy/grants/NAME.yaml"],
  },
  request_beyond_grant: {
    rule: "A script that asks for more than it is granted does not begin",
    admin: [
      "read what it asks for and why: writ verify MANIFEST",
      "if it may have it: writ policy approve SCRIPT",
    ],
  },
  grant_beyond_ceiling: {
    rule: "No grant exceeds the ceiling of this machine",
    admin: ["raise ceiling in policy/fleet.yaml here, or grant less"],
  },
  orderer_not_entitled: {
    rule: "Only the orderers that a script's grant names may order it",
    admin: ["if this one may: writ policy approve SCRIPT"],
  },
  wrong_audience: {
    rule: "An order runs on the agents that it names, by id or by label",
    admin: [
      "have it made for this agent",
      "or give this agent the label, under labels in policy/accept.yaml",
    ],
  },
  replayed: {
    rule: "An order runs once, however often it is sent",
    admin: ["if it shall run again, have a new order made"],
  },
  order_mismatch: {
    rule: "What runs is what the order names",
    admin: ["have it made for the release that is there"],
  },
  input: {
    rule: "The input is what the script's input schema describes",
    admin: ["have the order made again with an input that fits"],
  },
  input_schema: {
    rule: "An input schema that cannot be checked admits no input",
    admin: [PUBLISHED],
  },
  audit_mode: {
    rule: "This machine runs nothing and records what would have run: everything else holds",
    admin: [
      "see what would run and what would not: writ policy pending",
      "to let scripts run, take audit-mode out of policy/fleet.yaml",
    ],
  },
  not_found: {
    rule: "A script comes from one of the sources of the policy",
    admin: [
      'publish it into one of the "sources" of policy/fleet.yaml',
      "or look whether they can be reached: the agent's log names those that cannot",
    ],
  },
  isolation_level: {
    rule: "A grant can demand walls that not every machine has",
    admin: ["see how to get the next level: writ doctor", 'or lower "isolation" in the grant'],
  },
  cell_start: {
    rule: "A script runs in a cell, or not at all",
    admin: ["see what is missing: writ doctor", "see whether the granted paths are there"],
  },
  attachment_missing: {
    rule: "A run begins with all of its documents, and only if they are what was announced",
    admin: [AGAIN + ": it uploads them anew"],
  },
  busy: {
    rule: "No more runs at once than the script's grant and the machine allow",
    admin: ['raise "limits: { runs: … }" in the grant, or wait'],
  },
};
