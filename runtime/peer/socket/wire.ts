/** What carries the frames of a socket: a WebSocket, or a tunnel through a relay. It is not trusted. */
export interface Wire {
  /** Queues a frame; what is on its way is bounded by the room that the other side gives. */
  send(frame: Uint8Array): void;
  /** Lets go. Frames that were sent before still go out. */
  close(): void;
  /** Begins to hand on what comes. Called once. */
  listen(listener: WireListener): void;
}

/** Who is told of what a wire brings. */
export interface WireListener {
  /** Frames can be sent. */
  opened(): void;
  frame(frame: Uint8Array): void;
  /** Nothing more comes. @param busy The other side was there, and asks for patience. */
  gone(busy?: boolean): void;
}

/** As a WebSocket says that its server answers 503. */
const BUSY = /status code: 503/;

/** A wire over a WebSocket, which is open or about to be. */
export function webSocketWire(socket: WebSocket): Wire {
  socket.binaryType = "arraybuffer";
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(new Uint8Array(frame));
    },
    close() {
      if (socket.readyState <= WebSocket.OPEN) socket.close();
    },
    listen({ opened, frame, gone }) {
      socket.onopen = opened;
      socket.onmessage = ({ data }) => {
        // Text is never ours; it goes on as bytes that no key will fit.
        frame(typeof data === "string" ? new Uint8Array() : new Uint8Array(data as ArrayBuffer));
      };
      // The status of the answer is told in no other way.
      socket.onerror = (event) => gone(event instanceof ErrorEvent && BUSY.test(event.message));
      socket.onclose = () => gone();
    },
  };
}
