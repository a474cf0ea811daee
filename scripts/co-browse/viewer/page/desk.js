import { Connection } from "./connection.js";
import { Frame } from "./frame.js";
import { Invitation } from "./invitation.js";
import { Notices } from "./notices.js";
import { Panel } from "./panel.js";
import { Pointing } from "./pointing.js";
import { deskStanding } from "./words.js";

const $ = (selector) => document.querySelector(selector);
const { session, key } = document.body.dataset;
/** The sharing person. */
const HOST = "p0";

if (session) begin();

function begin() {
  const notices = new Notices();
  const invitation = new Invitation(notices);
  const panel = new Panel({ onChat: (text) => say({ t: "say", text }), buttons: buttonsFor });
  const known = new Set();
  let preview;
  const connection = new Connection({
    hello: () => ({ t: "desk", key }),
    onMessage: (message) => HEAR[message.t]?.(message),
    onState(state) {
      document.body.dataset.connection = state;
      if (state === "broken") {
        notices.stands("bad", "Not connected: what you see may be old. Load this page again");
      }
      if (state !== "open") return;
      panel.clearLines();
      if (preview) connection.say({ t: "look", on: isLooking() });
    },
  });

  const HEAR = {
    people({ people }) {
      panel.showPeople(people);
      const isUsed = people.some(({ id, role }) => role === "waiting" && !known.has(id));
      if (isUsed) invitation.hide();
      for (const { id } of people) known.add(id);
      showStanding();
    },
    control(message) {
      panel.showControl(message);
      $("#take").ariaDisabled = String(message.holder === HOST);
      showStanding();
    },
    page: ({ url }) => $("#address").textContent = url,
    mirror: (message) => preview?.frame.tell({ mirror: message }),
    mark({ from, element }) {
      preview?.frame.tell({ who: panel.who(from), mark: element });
      if (element) notices.tell(`${panel.who(from).name} points something out`);
    },
    point: ({ from, at }) => preview?.frame.tell({ who: panel.who(from), point: at }),
    draw: ({ from, stroke }) => preview?.frame.tell({ who: panel.who(from), draw: stroke }),
    said: (line) => panel.addLine(line),
    invited: (message) => invitation.show(message),
    browser({ state }) {
      panel.browser = state;
      showStanding();
      if (state === "back" && isLooking()) connection.say({ t: "look", on: true });
    },
    ended() {
      connection.close();
      notices.end({
        title: "The sharing has ended",
        next: "Nobody sees your browser any more.",
      });
    },
  };

  const on = (id, act) => $(`#${id}`).addEventListener("click", act);
  on("stop", () => say({ t: "stop" }));
  on("take", ({ currentTarget }) => currentTarget.ariaDisabled === "true" || say({ t: "take" }));
  for (const rights of ["drive", "watch"]) {
    on(`invite-${rights}`, () => say({ t: "invite", rights }));
  }
  on("look", ({ currentTarget: button }) => {
    button.ariaPressed = String(!isLooking());
    for (const id of ["preview", "point", "draw"]) $(`#${id}`).hidden = !isLooking();
    preview ??= previewed();
    say({ t: "look", on: isLooking() });
  });

  function isLooking() {
    return $("#look").ariaPressed === "true";
  }

  function previewed() {
    const frame = new Frame((word) => {
      if (word.mark) say({ t: "mark", element: word.mark });
      else if (word.draw !== undefined) connection.say({ t: "draw", stroke: word.draw });
      else pointing.hear(word);
    });
    const pointing = new Pointing(frame, notices);
    return { frame };
  }

  function buttonsFor({ id, role, kind, rights }) {
    const button = (label, t) => ({ label, act: () => say({ t, person: id }) });
    if (kind === "host") return [];
    if (role === "waiting") {
      return [{ ...button("Let in", "admit"), isFirst: true }, button("Send away", "refuse")];
    }
    const mayLead = rights === "drive" && role !== "leader";
    return [...(mayLead ? [button("Give control", "give")] : []), button("Send away", "refuse")];
  }

  function showStanding() {
    if (panel.holder) notices.stands(...deskStanding(panel));
  }

  function say(message) {
    const isSaid = connection.say(message);
    if (!isSaid) notices.tell("That was not sent: there is no connection just now.");
    return isSaid;
  }
}
