import { Connection } from "./connection.js";
import { Panel } from "./panel.js";
import { ENDED } from "./words.js";

const $ = (selector) => document.querySelector(selector);
const { session, key } = document.body.dataset;

if (session) {
  const panel = new Panel({
    onChat: (text) => connection.say({ t: "say", text }),
    buttons: ({ id, role, kind, rights }) => {
      const button = (label, t) => ({ label, act: () => connection.say({ t, person: id }) });
      if (kind === "host") return [];
      if (role === "waiting") return [button("Let in", "admit"), button("Send away", "refuse")];
      const mayLead = rights === "drive" && role !== "leader";
      return [...(mayLead ? [button("Give control", "give")] : []), button("Send away", "refuse")];
    },
  });
  const known = new Set();
  const connection = new Connection({
    hello: () => ({ t: "desk", key }),
    onState: (state) => {
      if (state === "open") panel.clearLines();
      if (state === "broken") panel.say("Not connected: what you see may be old");
    },
    onMessage(message) {
      if (message.t === "people") {
        panel.showPeople(message.people);
        for (const { id, name, role } of message.people) {
          if (role === "waiting" && !known.has(id)) panel.say(`${name} asks to be let in`);
          known.add(id);
        }
      } else if (message.t === "control") {
        $("#take").disabled = message.holder === "p0";
        for (const id of message.asking) panel.say(`${panel.who(id).name} asks for control`);
      } else if (message.t === "page") $("#address").textContent = message.url;
      else if (message.t === "said") panel.addLine(message);
      else if (message.t === "invited") showInvitation(message);
      else if (message.t === "ended") {
        connection.close();
        panel.say(ENDED[message.why]);
      }
    },
  });
  for (const id of ["take", "stop"]) {
    $(`#${id}`).addEventListener("click", () => connection.say({ t: id }));
  }
  for (const rights of ["drive", "watch"]) {
    $(`#invite-${rights}`).addEventListener("click", () => connection.say({ t: "invite", rights }));
  }
}

/** The key stands behind the `#`, which browsers send to nobody. */
function showInvitation({ key, rights, forMs }) {
  const link = new URL(`join#${session}.${key}`, document.baseURI);
  const field = $("#invitation");
  field.value = link.href;
  field.hidden = false;
  field.select();
  const minutes = Math.round(forMs / 60_000);
  $("#invited").textContent =
    `For one person to ${rights}, once, within ${minutes} minutes. For an ` +
    `agent: ${session}.${key}`;
}
