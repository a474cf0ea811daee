/** Why it is over, for people, and what can be done. */
export const ENDED = {
  none: { title: "This link holds no invitation", next: "Copy all of it, or ask for a new one." },
  invitation: {
    title: "This invitation is not good any more",
    next: "It was used, or is too old, or what it was for is over. Ask for a new link.",
  },
  not_admitted: { title: "You were not let in", next: "Ask whoever sent you the link." },
  full: {
    title: "There is no room",
    next: "As many people as may be are there already. Ask for a new link later.",
  },
  too_fast: {
    title: "You were sent away",
    next: "Your browser sent too much at once. Ask for a new link.",
  },
  behind: {
    title: "You were sent away",
    next: "Your connection is too slow for this page. Ask for a new link.",
  },
  malformed: {
    title: "You were sent away",
    next: "Your browser sent what nobody understands. Ask for a new link.",
  },
  replaced: { title: "You are in another window", next: "This page goes on there." },
  stopped: {
    title: "The sharing has ended",
    next: "You see nothing of the shared browser any more. Ask for a new link to come again.",
  },
  over: { title: "The sharing has ended", next: "Ask for a new link to come again." },
  left: { title: "You have left", next: "Ask for a new link to come again." },
  lost: {
    title: "The connection is lost",
    next: "Nobody has answered for a while. Load this page again, or ask for a new link.",
  },
};

/** Why something had no effect, for people. */
export const NOT = {
  no_control: "That had no effect: somebody else has control.",
  only_watching: "Your invitation is for watching.",
  stamp: "That came too late.",
  masked: "This field is masked: only the sharing person can use it.",
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

/** What is wrong with the shared browser, or the page in it, as long as it is; nothing else is. */
const TROUBLE = {
  gone: (whose) => `${whose} browser is gone; it is started again`,
  silent: (whose) => `${whose} page does not answer; it is shown again as soon as it does`,
};

/** How things stand for a guest: what kind of state, and words. */
export function guestStanding({ you, holder, asking, who, host, browser }) {
  const trouble = TROUBLE[browser];
  if (trouble) return ["wait", trouble(`${host}'s`)];
  if (holder === you) return ["live", "You have control"];
  if (asking.includes(you)) return ["wait", `You asked for control; ${host} decides`];
  return ["calm", `${who(holder).name} has control`];
}

/** How things stand for the sharing person. */
export function deskStanding({ people, holder, asking, who, browser }) {
  // Whoever was not let in has chosen their name, and must not go on with the sentence.
  const names = (some) => some.map(({ name }) => `“${name}”`).join(", ");
  const waiting = people.filter(({ role }) => role === "waiting");
  if (waiting.length > 0) return ["ask", `${names(waiting)} asks to be let in`];
  if (asking.length > 0) return ["ask", `${names(asking.map(who))} asks for control`];
  const trouble = TROUBLE[browser];
  if (trouble) return ["wait", trouble("Your")];
  const seeing = people.filter(({ kind, here }) => kind !== "host" && here).length;
  if (seeing === 0) return ["calm", "Nobody sees your browser"];
  const sight = seeing === 1 ? "One person sees" : `${seeing} people see`;
  const { kind, name } = who(holder);
  return ["live", `${sight} your browser; ${kind === "host" ? "you have" : `${name} has`} control`];
}
