/** Every size and time bound of the hub, in one place. Bytes are bytes, times milliseconds. */
export const HUB_LIMITS = {
  /** A JSON body of the API. */
  BODY_BYTES: 1 << 20,
  /** How long such a body may take. */
  BODY_MS: 30_000,
  /** Items of one page, unless asked for fewer. */
  PAGE: 50,
  PAGE_MOST: 500,
  /** What agents and callers wrote in one page of a list. */
  PAGE_CHARACTERS: 1 << 20,
  /** Agents of one tenant, unless it is given another number. */
  AGENTS: 20_000,
  /** Deliveries of one tenant that are not over. */
  OPEN_DELIVERIES: 1_000_000,
  /** Labels of one agent. */
  LABELS: 64,
  /** Labels in one accept-list. */
  SIGNED_LABELS: 100_000,
  /** How long an enrolment token may be good for. */
  ENROL_TOKEN_MS: 30 * 24 * 3600_000,
  /** Such tokens of one tenant, with those that were spent in the last 90 days. */
  ENROL_TOKENS: 50_000,
  /** Agents that wait for approval, of one tenant. */
  PENDING_AGENTS: 1_000,
  /** JSON of one fact. */
  FACT_BYTES: 2_000,
  /** An agent that was not heard of for so long, though its connection stands, is late. */
  LATE_MS: 90_000,
  /** What was heard of agents is written this often. */
  SEEN_EVERY_MS: 10_000,
  /** Agents that connect again at the same time do so within this, at random, */
  SPREAD_MS: 1_000,
  /** or as long as makes them come no faster than so many a second. */
  LINKS_PER_SECOND: 500,
  /** An agent that was not seen for so long is not counted among those that may connect. */
  AWAY_MS: 7 * 24 * 3600_000,
  /** On a full disk, what an agent says is tried again after so long. */
  ROOM_MS: 2_000,
  /** Connections of agents, of all tenants together. */
  LINKS: 50_000,
  /** Messages of one agent: so many at once, so many a second from then on; */
  LINK_MESSAGES: 1_000,
  LINK_MESSAGES_PER_SECOND: 50,
  /** one of so many characters counts twice, */
  LINK_MESSAGE_COST: 32 << 10,
  /** one of an agent that waits for approval so many times, */
  PENDING_MESSAGE_COST: 50,
  /** and whoever is too fast and has more on its way than this is cut off. */
  LINK_UNREAD: 250,
  /** An agent's facts are written so often at most when they are as they were. */
  SAME_FACTS_MS: 60_000,
  /** Connections of agents in the making: whoever finds no place comes again later. */
  HANDSHAKES: { total: 2_048, ofTenant: 512 },
  /** A hub that was not heard of for so long is gone. */
  HUB_SILENT_MS: 45_000,
  /** Rollouts of scripts of one tenant that have not ended. */
  ROLLOUTS: 100,
  /** How long an order that was sent to an agent is left to it before it is sent again. */
  LEASE_MS: 60_000,
  /** Orders on their way to one agent at a time. */
  LEASES_OF_ONE: 16,
  /** Addresses by id in one document that the hub signs. */
  AUDIENCE: 50,
  /** Envelopes of one order together: what is longer goes as a document, which is kept once. */
  ORDER_BYTES: 8 << 20,
  /** Orders may wait for machines that are off no longer than this. */
  ORDER_MS: 366 * 24 * 3600_000,
  /** Tokens for programs and users of one tenant, and how long such a token is good for. */
  API_TOKENS: 1_000,
  API_TOKEN_MS: 365 * 24 * 3600_000,
  USERS: 1_000,
  /** Accept-lists that are compared at once, changes that are shown, and how long it may take. */
  SHORT_LISTS: 64 << 10,
  LIST_CHANGES: 5_000,
  COMPARE_LISTS_MS: 15_000,
  /** Tenants whose lists are compared, or wait for it. */
  COMPARED_LISTS: 8,
  /** Webhooks of one tenant, and how long one is told things in one round. */
  WEBHOOKS: 20,
  WEBHOOK_ROUND_MS: 15_000,
  /** How long an address of a webhook may take to answer, and is given a rest at most. */
  WEBHOOK_MS: 10_000,
  WEBHOOK_WAIT_MS: 3600_000,
  /** Orders and what came of them, after they expired; spent tokens as long. */
  KEPT_MS: 90 * 24 * 3600_000,
  /** Events of one order on one agent that are kept; an agent's own record has the rest. */
  RUN_EVENTS: 10_000,
  /** One of them counts once more for each so many characters of its JSON. */
  RUN_EVENT_CHARACTERS: 1 << 10,
  /** Files that runs of one order left on one agent, together. */
  ARTEFACT_BYTES: 16 << 20,
  /** Such files of one tenant together, unless it is given another number. */
  ARTEFACTS_OF_TENANT_BYTES: 5_000_000_000,
  /** Events of scripts that are kept of one agent, of each kind, and one's JSON. */
  SCRIPT_EVENTS: 1_000,
  SCRIPT_EVENT_CHARACTERS: 4_000,
  /** Agents of one tenant that are reached through the hub, and bytes to and from each, */
  RELAY: { slots: 500, rateBytes: 1 << 20, wayBytes: 1 << 30 },
  /** and connections for it: of who is reached, and of who reaches. */
  RELAY_SOCKETS: 2_000,
  /** What is held of a document that is uploaded to the hub. */
  CONTENT_BYTES: 256 << 20,
  CHUNK_BYTES: 1 << 20,
  /** Uploads of one tenant at a time, and how long one may bring nothing. */
  UPLOADS: 16,
  UPLOAD_SILENT_MS: 60_000,
  /** Documents of one tenant together, and how long one stays that nothing needs. */
  CONTENT_OF_TENANT_BYTES: 20 * 2 ** 30,
  UNUSED_CONTENT_MS: 24 * 3600_000,
} as const;
