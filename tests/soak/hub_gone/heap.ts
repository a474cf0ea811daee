/** Asks V8 of a process that was started with `--inspect` how much of its heap is in use. */
export class Heap {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Bytes that are in use when all that can be freed was freed. */
  async inUse(): Promise<number> {
    const list = await fetch(`http://127.0.0.1:${this.#port}/json/list`);
    const [{ webSocketDebuggerUrl }] = await list.json();
    const socket = new WebSocket(webSocketDebuggerUrl);
    try {
      await ask(socket, "HeapProfiler.collectGarbage");
      const { usedSize } = await ask<{ usedSize: number }>(socket, "Runtime.getHeapUsage");
      return usedSize;
    } finally {
      socket.close();
    }
  }
}

async function ask<T>(socket: WebSocket, method: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  socket.onmessage = ({ data }) => resolve(JSON.parse(data).result);
  socket.onclose = () => reject(new Error("the inspector went away"));
  const send = () => socket.send(JSON.stringify({ id: 1, method }));
  if (socket.readyState === WebSocket.OPEN) send();
  else socket.onopen = send;
  return await promise;
}
