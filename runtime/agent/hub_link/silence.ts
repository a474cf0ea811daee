/** Ends a call whose other side says nothing for too long, in its answer's head or its body. */
export class Silence {
  readonly #late = new AbortController();
  readonly #most: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** For the call. */
  readonly signal: AbortSignal;

  /**
   * @param most Milliseconds.
   * @param signal Of whoever waits for the call.
   */
  constructor(most: number, signal: AbortSignal | undefined) {
    this.#most = most;
    this.signal = AbortSignal.any([this.#late.signal, ...(signal ? [signal] : [])]);
  }

  /** Waits for something of the other side. @throws {DOMException} TimeoutError – it took too long */
  async during<T>(coming: Promise<T>): Promise<T> {
    this.#timer = setTimeout(() => {
      this.#late.abort(new DOMException("it says nothing", "TimeoutError"));
    }, this.#most);
    try {
      return await coming;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** The same answer, with a body that ends with an error when nothing more of it comes. */
  watched(response: Response): Response {
    if (!response.body) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await this.during(reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, response);
  }
}
