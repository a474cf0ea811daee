import type { Follower } from "./guest/follower.ts";
import type { Sharing } from "./host/sharing.ts";

/** The browser that this agent shares, and the one that follows. */
export interface State {
  sharing?: Sharing;
  follower?: Follower;
  /** From the order on, before there is anything to share or to follow. */
  isSharing?: boolean;
  isJoining?: boolean;
}
