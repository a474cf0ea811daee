import { Capture } from "./capture.js";
import { Mirror } from "./mirror.js";
import { Overlay } from "./overlay.js";

/** Rebuilds the shared page in this frame; talks to the page around it by a port, and to nobody else. */
function begin(port) {
  const tell = (message) => port.postMessage(message);
  const mirror = new Mirror({
    onSize: (width, height) => tell({ size: { width, height } }),
    onScroll: (node, left, top) => capture.scrolls(node, left, top),
    isTyped: (element) => capture.isTyped(element),
  });
  const capture = new Capture(mirror.nodes, tell);
  const overlay = new Overlay(mirror);
  port.onmessage = ({ data }) => {
    if (data.mirror) {
      const { document, events, seq } = data.mirror;
      capture.document = document;
      for (const event of events) mirror.take(event);
      overlay.place();
      tell({ done: seq });
    } else if (data.drive !== undefined) capture.isDriving = data.drive;
    else if ("point" in data) overlay.point(data.who, data.point);
    else if ("mark" in data) overlay.mark(data.who, data.mark);
  };
  tell({ ready: true });
}

addEventListener("message", ({ source, ports: [port] }) => {
  if (source === parent && port) begin(port);
}, { once: true });
