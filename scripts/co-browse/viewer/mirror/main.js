import { Capture } from "./capture.js";
import { Drawing } from "./drawing.js";
import { Marking } from "./marking.js";
import { Mirror } from "./mirror.js";
import { Overlay } from "./overlay.js";

/** Who points something out here. */
const YOU = { id: "you", name: "You", color: "#333333" };

/** Rebuilds the shared page in this frame; talks to the page around it by a port, and to nobody else. */
function begin(port) {
  const tell = (message) => port.postMessage(message);
  const mirror = new Mirror({
    onSize: (width, height) => tell({ size: { width, height } }),
    onScroll: (node, left, top) => capture.scrolls(node, left, top),
    isTyped: (element) => capture.isTyped(element),
  });
  const drawing = new Drawing({
    namesOf: (element) => capture.namesOf(element),
    draw(stroke) {
      overlay.draw(YOU, stroke);
      tell({ draw: stroke });
    },
    end: () => tell({ mode: "" }),
  });
  const overlay = new Overlay(mirror, drawing.pad);
  const marking = new Marking(mirror.nodes, {
    choose(element, chosen) {
      overlay.choose(element);
      if (chosen) tell({ chosen });
    },
    mark(element) {
      const names = capture.namesOf(element);
      if (!names) return;
      overlay.mark(YOU, names);
      tell({ mark: names });
    },
    end: () => tell({ mode: "" }),
  });
  const capture = new Capture(mirror.nodes, tell, marking);
  /** What this browser cannot show must not keep the rest from it. */
  const take = (event) => {
    try {
      mirror.take(event);
    } catch (error) {
      reportError(error);
    }
  };
  port.onmessage = ({ data }) => {
    if (data.mirror) {
      const { document, events, seq } = data.mirror;
      capture.document = document;
      for (const event of events) take(event);
      overlay.place();
      tell({ done: seq });
    } else if (data.drive !== undefined) capture.isDriving = data.drive;
    else if (data.mode !== undefined) {
      marking.turn(data.mode === "point");
      drawing.turn(data.mode === "draw");
      if (data.mode) tell({ mode: data.mode });
    } else if (data.refused) capture.takeBack();
    else if ("point" in data) overlay.point(data.who, data.point);
    else if ("draw" in data) overlay.draw(data.who, data.draw);
    else if ("mark" in data) overlay.mark(data.who, data.mark);
  };
  tell({ ready: true });
}

addEventListener("message", ({ source, ports: [port] }) => {
  if (source === parent && port) begin(port);
}, { once: true });
