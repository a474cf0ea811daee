import { Connection } from "./connection.js";
import { Frame } from "./frame.js";
import { keep, kept } from "./kept.js";
import { Notices } from "./notices.js";
import { Panel } from "./panel.js";
import { Pointing } from "./pointing.js";
import { PageTabs } from "./tabs.js";
import { ENDED, guestStanding, NOT } from "./words.js";

/** Nobody can come back after so long. */
const LOST_MS = 2 * 60_000;

const $ = (selector) => document.querySelector(selector);
const notices = new Notices();
const door = $("#door");
const [session, invitation] = location.hash.slice(1).split(".");
const known = invitation ? { session, key: invitation } : kept();
keep(known);

door.addEventListener("submit", (event) => {
  event.preventDefault();
  enter({ ...known, name: door.elements.name.value.trim() || "Guest" });
});
if (Object.hasOwn(ENDED, known.over ?? "")) notices.end(ENDED[known.over]);
else if (known.name) enter(known);
else if (known.key) door.hidden = false;
else notices.end(ENDED.none);

function enter({ session, key, name }) {
  door.hidden = true;
  let isIn = false, isOver = false, host = "the sharing person", lostSince;
  const ask = $("#ask");
  const panel = new Panel({
    onChat: (text) => say({ t: "say", text }),
    buttons({ id, kind, role, rights }) {
      const mayLead = kind !== "host" && role !== "waiting" && rights === "drive";
      if (panel.who(panel.you).role !== "leader" || id === panel.you || !mayLead) return [];
      return [{ label: "Hand control over", act: () => say({ t: "yield", to: id }) }];
    },
  });
  const frame = new Frame((word) => {
    const { input, point, mark, draw, done } = word;
    if (input) say({ t: "input", input });
    else if (point !== undefined) connection.say({ t: "point", at: point });
    else if (mark) say({ t: "mark", element: mark });
    else if (draw !== undefined) connection.say({ t: "draw", stroke: draw });
    else if (done !== undefined) connection.say({ t: "done", seq: done });
    else pointing.hear(word);
  });
  const pointing = new Pointing(frame, notices);
  const tabs = new PageTabs((tab) => {
    if (isDriving()) say({ t: "input", input: { type: "tab", tab, action: "active" } });
    else notices.tell("Whoever has control turns to another page.");
  });
  const isDriving = () => panel.you !== "" && panel.holder === panel.you;
  const isAsking = () => panel.asking.includes(panel.you);
  ask.addEventListener("click", () => {
    if (!isAsking()) say({ t: isDriving() ? "yield" : "ask" });
  });
  $("#full-size").addEventListener("click", ({ currentTarget: button }) => {
    button.ariaPressed = String(button.ariaPressed !== "true");
    frame.isFullSize = button.ariaPressed === "true";
  });
  $("#leave").addEventListener("click", () => {
    connection.say({ t: "leave" });
    end("left");
  });
  const connection = new Connection({
    hello: () => ({ t: "hello", v: 1, session, key, name, kind: "web" }),
    onMessage: (message) => HEAR[message.t]?.(message),
    onState(state) {
      document.body.dataset.connection = state;
      if (state === "open") lostSince = undefined;
      else if (state === "broken") lostSince ??= Date.now();
      if (Date.now() - lostSince > LOST_MS) end("lost");
      else if (state !== "open" && !isOver) {
        notices.stands("bad", lostSince ? "The connection is lost; trying again" : "Connecting");
      }
    },
  });

  const HEAR = {
    wait(message) {
      comesBackWith(message.resume);
      host = message.host;
      $("#waiting").hidden = false;
      notices.stands("wait", `${host} is asked to let you in`);
    },
    welcome({ you, resume }) {
      comesBackWith(resume);
      panel.you = you;
      panel.clearLines();
      const wasIn = isIn;
      isIn = true;
      $("#waiting").hidden = true;
      $("#room").hidden = false;
      if (!wasIn) ask.focus();
    },
    people({ people }) {
      panel.showPeople(people);
      host = people.find(({ kind }) => kind === "host")?.name ?? host;
      ask.hidden = panel.who(panel.you).rights === "watch";
      showStanding();
    },
    control(message) {
      panel.showControl(message);
      frame.tell({ drive: isDriving() });
      tabs.mayTurn = isDriving();
      ask.textContent = isDriving()
        ? "Give control back"
        : isAsking()
        ? "Asked for control"
        : "Ask for control";
      ask.ariaDisabled = String(isAsking());
      showStanding();
    },
    page: ({ url }) => tabs.moved(url),
    tabs: (message) => tabs.show(message),
    mirror: (message) => frame.tell({ mirror: message }),
    point: ({ from, at }) => frame.tell({ who: panel.who(from), point: at }),
    mark({ from, element }) {
      frame.tell({ who: panel.who(from), mark: element });
      if (element) notices.tell(`${panel.who(from).name} points something out`);
    },
    draw: ({ from, stroke }) => frame.tell({ who: panel.who(from), draw: stroke }),
    said: (line) => panel.addLine(line),
    not({ why }) {
      notices.tell(NOT[why]);
      if (why === "masked") frame.tell({ refused: true });
    },
    browser({ state }) {
      panel.browser = state;
      showStanding();
    },
    ended: ({ why }) => end(why),
  };

  function say(message) {
    const isSaid = connection.say(message);
    if (!isSaid) notices.tell("That was not sent: there is no connection just now.");
    return isSaid;
  }

  /** A key is good once; with the next one this page comes in again, also when it is loaded anew. */
  function comesBackWith(resume) {
    key = resume;
    keep({ session, key, name });
  }

  function showStanding() {
    if (isIn && panel.holder) notices.stands(...guestStanding({ ...panel, host }));
  }

  function end(why) {
    isOver = true;
    connection.close();
    // Who has lost the connection may try again by loading the page.
    if (why !== "lost") keep({ over: why });
    notices.end(ENDED[why]);
  }
}
