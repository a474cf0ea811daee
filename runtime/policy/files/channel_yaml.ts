import {
  CHANNEL_BOUNDS,
  channelNameSchema,
  type ChannelSettings,
} from "../../core/documents/channel.ts";
import { closed, count, listOf } from "../yaml/decoders.ts";
import { type Decoder, refine } from "../yaml/decoder.ts";
import { fits, name, quantity } from "./values.ts";

/** `message:` of a channel: no call of a script carries more. */
const message: Decoder<number> = bounded(CHANNEL_BOUNDS.MESSAGE_MOST);
const queue: Decoder<number> = bounded(CHANNEL_BOUNDS.QUEUE_MOST);

/** `capabilities.channel` of a grant; `rate` is in a second. */
export const channelYaml: Decoder<ChannelSettings> = refine(
  closed({}, {
    names: listOf(fits(channelNameSchema), 1),
    peers: listOf(name, 1),
    rate: quantity("size"),
    message,
    queue,
    members: count(1, CHANNEL_BOUNDS.MEMBERS_MOST),
  }),
  ({ names, peers, rate, message, queue, members }) => ({
    ...(names && { names }),
    ...(peers && { peers }),
    ...(rate !== undefined && { rateBytes: rate }),
    ...(message !== undefined && { messageBytes: message }),
    ...(queue !== undefined && { queueBytes: queue }),
    ...(members !== undefined && { members }),
  }),
);

function bounded(most: number): Decoder<number> {
  return refine(quantity("size"), (bytes, place) => {
    if (bytes <= most) return bytes;
    return place.mistake({
      code: "bad_value",
      message: `must be at most ${most} bytes: got ${bytes}`,
    });
  });
}
