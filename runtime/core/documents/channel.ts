import * as v from "valibot";
import { countSchema, nameSchema } from "./common.ts";
import { unique } from "./unique.ts";

/** Bounds of what a grant says of channels, and what holds where it says nothing. Bytes. */
export const CHANNEL_BOUNDS = {
  /** In a second, of one channel, in and out each. */
  RATE_DEFAULT: 1_000_000,
  /** One message; no call of a script carries more. */
  MESSAGE_MOST: 256 << 10,
  /** Messages that wait on each side of each connection. */
  QUEUE_DEFAULT: 1_000_000,
  QUEUE_MOST: 16_000_000,
  /** Other agents on one channel at the same time. */
  MEMBERS_DEFAULT: 16,
  MEMBERS_MOST: 64,
} as const;

/** A channel's name, as scripts choose it and grants list it. */
export const channelNameSchema = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    "must be small letters, digits and ._-, at most 64, beginning with a letter or digit",
  ),
);

/** What an admin fixes about the channels of a script. */
export const channelSchema = v.strictObject({
  /** Channels that it may open; absent: any. */
  names: v.optional(v.pipe(
    v.array(channelNameSchema),
    v.minLength(1),
    v.maxLength(100),
    unique("name"),
  )),
  /** Labels: only agents with one of them; absent: every agent of the fleet. */
  peers: v.optional(v.pipe(v.array(nameSchema), v.minLength(1), v.maxLength(100), unique("label"))),
  rateBytes: v.optional(countSchema(1)),
  messageBytes: v.optional(v.pipe(countSchema(1), v.maxValue(CHANNEL_BOUNDS.MESSAGE_MOST))),
  queueBytes: v.optional(v.pipe(countSchema(1), v.maxValue(CHANNEL_BOUNDS.QUEUE_MOST))),
  members: v.optional(v.pipe(countSchema(1), v.maxValue(CHANNEL_BOUNDS.MEMBERS_MOST))),
});
export type ChannelSettings = v.InferOutput<typeof channelSchema>;

/** The bounds of a channel, with what holds where the grant says nothing. */
export interface ChannelRules {
  readonly rateBytes: number;
  readonly messageBytes: number;
  readonly queueBytes: number;
  readonly members: number;
}

export function channelRules(settings: ChannelSettings): ChannelRules {
  const {
    rateBytes = CHANNEL_BOUNDS.RATE_DEFAULT,
    queueBytes = CHANNEL_BOUNDS.QUEUE_DEFAULT,
    messageBytes = Math.min(CHANNEL_BOUNDS.MESSAGE_MOST, queueBytes),
    members = CHANNEL_BOUNDS.MEMBERS_DEFAULT,
  } = settings;
  // A queue that holds no message would let none through.
  return { rateBytes, messageBytes, queueBytes: Math.max(queueBytes, messageBytes), members };
}

/** Whether a channel of this name may be open between this agent and one with these labels. */
export function admitsChannel(
  { names, peers }: ChannelSettings,
  name: string,
  labels: readonly string[],
): boolean {
  return (names === undefined || names.includes(name)) &&
    (peers === undefined || peers.some((label) => labels.includes(label)));
}
