import { Connection } from "./connection.js";
import { Frame } from "./frame.js";
import { Panel } from "./panel.js";
import { ENDED, NOT } from "./words.js";

const [session, invitation] = location.hash.slice(1).split(".");
const $ = (selector) => document.querySelector(selector);
const door = $("#door");
// The key is used up by coming; it need not stand in the address bar.
history.replaceState(null, "", location.pathname);

door.addEventListener("submit", (event) => {
  event.preventDefault();
  door.hidden = true;
  $("#room").hidden = false;
  enter(door.elements.name.value.trim() || "Guest");
});
if (!invitation) {
  door.elements.join.disabled = true;
  $("#status").textContent = "The link holds no invitation. Ask for a new one.";
}

function enter(name) {
  let key = invitation;
  let isDriving = false;
  const ask = $("#ask");
  const panel = new Panel({ onChat: (text) => connection.say({ t: "say", text }) });
  const frame = new Frame(({ input, point, done }) => {
    if (input) connection.say({ t: "input", input });
    else if (point !== undefined) connection.say({ t: "point", at: point });
    else if (done !== undefined) connection.say({ t: "done", seq: done });
  });
  ask.addEventListener("click", () => connection.say({ t: isDriving ? "yield" : "ask" }));
  const connection = new Connection({
    hello: () => ({ t: "hello", v: 1, session, key, name, kind: "web" }),
    onMessage: hear,
    onState: (state) => {
      if (state === "connecting") panel.say("Connecting");
      if (state === "broken") panel.say("The connection is broken; trying again");
    },
  });

  const HEAR = {
    wait({ resume }) {
      key = resume;
      panel.say("Waiting until the sharing person lets you in");
    },
    welcome({ you, resume }) {
      key = resume;
      panel.you = you;
      panel.clearLines();
      panel.say("You see the shared page");
    },
    people: ({ people }) => panel.showPeople(people),
    control({ holder, asking }) {
      const wasDriving = isDriving;
      isDriving = holder === panel.you;
      frame.tell({ drive: isDriving });
      ask.textContent = isDriving ? "Give control back" : "Ask for control";
      ask.disabled = asking.includes(panel.you);
      const { name } = panel.who(holder);
      if (isDriving) panel.say("You have control");
      else if (wasDriving || holder !== panel.holder) panel.say(`${name} has control`);
      panel.holder = holder;
    },
    page: ({ url }) => $("#address").textContent = url,
    mirror: (message) => frame.tell({ mirror: message }),
    point: ({ from, at }) => frame.tell({ who: panel.who(from), point: at }),
    mark: ({ from, element }) => frame.tell({ who: panel.who(from), mark: element }),
    said: (line) => panel.addLine(line),
    not: ({ why }) => panel.say(NOT[why]),
    browser: ({ state }) =>
      panel.say(
        state === "gone" ? "The shared browser is gone; it is started again" : "It is back",
      ),
    ended({ why }) {
      connection.close();
      ask.disabled = true;
      frame.tell({ drive: false });
      panel.say(ENDED[why]);
    },
  };
  function hear(message) {
    HEAR[message.t]?.(message);
  }
}
