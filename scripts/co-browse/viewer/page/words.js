/** Why it is over, for people. */
export const ENDED = {
  invitation: "This invitation is not good, or was used already. Ask for a new one.",
  not_admitted: "You were not let in.",
  full: "As many people as may be are there already.",
  too_fast: "Your browser sent too much at once.",
  malformed: "Your browser sent what nobody understands.",
  replaced: "You came back in another window.",
  stopped: "The sharing person ended it.",
  over: "It is over.",
};

/** Why something had no effect, for people. */
export const NOT = {
  no_control: "Somebody else has control.",
  only_watching: "Your invitation is for watching.",
  stamp: "That came too late.",
  masked: "This field is hidden: only the sharing person can use it.",
  gone: "That is not there any more.",
  refused: "The shared browser does not do that.",
  too_large: "This page is too large to be shown here.",
};

/** What somebody is in the session. */
export const ROLES = {
  host: "shares",
  leader: "has control",
  follower: "follows",
  viewer: "watches",
  waiting: "waits to be let in",
};
