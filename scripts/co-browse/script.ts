import type { Context, FetchContext, Script } from "writ";
import { answerRequest } from "./endpoint.ts";
import { CoBrowseError } from "./errors.ts";
import { join, type JoinInput } from "./guest/joining.ts";
import { share, type ShareInput } from "./host/sharing.ts";
import { writeInvitation } from "./keys.ts";
import type { Rights } from "./session/invitations.ts";
import { obey } from "./session/obey.ts";
import type { State } from "./state.ts";

/** What orders ask for: to share and to join, which last; and what is done meanwhile. */
export type Input =
  | { do: "share" } & ShareInput
  | { do: "join" } & JoinInput
  | { do: "invite"; rights?: Rights }
  | { do: "admit" | "refuse" | "give"; person: string }
  | { do: "take" | "stop" | "status" }
  | GuestInput;

interface GuestInput {
  do: "ask" | "yield";
}

/** The script, with a state of its own. */
export function coBrowseScript(): Required<Script<Input>> {
  const state: State = {};
  return {
    run: (input: Input, ctx: Context) => run(state, input, ctx),
    fetch: (request: Request, ctx: FetchContext) => answerRequest(state, request, ctx),
  };
}

async function run(state: State, input: Input, ctx: Context): Promise<unknown> {
  if (input.do === "share") {
    if (state.isSharing) {
      throw new CoBrowseError("busy", "Cannot share as a browser is shared already");
    }
    state.isSharing = true;
    try {
      return await share(input, ctx, (sharing) => state.sharing = sharing);
    } finally {
      delete state.sharing;
      state.isSharing = false;
    }
  }
  if (input.do === "join") {
    if (state.isJoining) {
      throw new CoBrowseError("busy", "Cannot join as a browser follows already");
    }
    state.isJoining = true;
    try {
      return await join(input, ctx, (follower) => state.follower = follower);
    } finally {
      delete state.follower;
      state.isJoining = false;
    }
  }
  return isOfGuest(input) ? asGuest(state, input) : asHost(state, input);
}

function isOfGuest(input: { do: string }): input is GuestInput {
  return input.do === "ask" || input.do === "yield";
}

function asGuest({ follower }: State, { do: what }: GuestInput): null {
  if (!follower) {
    throw new CoBrowseError("no_session", "Cannot do so as no browser follows another");
  }
  follower[what]();
  return null;
}

type HostInput = Exclude<Input, GuestInput | { do: "share" | "join" }>;

function asHost({ sharing }: State, input: HostInput): unknown {
  if (!sharing) throw new CoBrowseError("no_session", "Cannot do so as no browser is shared");
  const { session } = sharing.shared;
  switch (input.do) {
    case "invite": {
      const { key, forMs } = session.invite(input.rights ?? "drive");
      const invitation = writeInvitation(session.id, key);
      return { invitation, page: `join#${invitation}`, forMs };
    }
    case "status":
      break;
    case "take":
    case "stop":
      obey(session, { t: input.do });
      break;
    default:
      obey(session, { t: input.do, person: input.person });
  }
  return { session: session.id, people: session.people };
}
