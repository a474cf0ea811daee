/** Who has control. The host has it whenever nobody else does, and may always take it. */
export class Lease {
  readonly #leaseMs: number;
  readonly #isFree: boolean;
  #holder: string | undefined;
  #until = Infinity;
  #asking: string[] = [];
  #revoked = 0;

  /**
   * @param leaseMs Control that is not used goes back after so long.
   * @param isFree Whether who asks has control at once when the host holds it.
   */
  constructor(leaseMs: number, isFree: boolean) {
    this.#leaseMs = leaseMs;
    this.#isFree = isFree;
  }

  /** `undefined` for the host. */
  get holder(): string | undefined {
    return this.#holder;
  }

  /** How often control was taken away, which whoever had it has not handed over. */
  get revoked(): number {
    return this.#revoked;
  }

  /** Who asked and waits, in that order. */
  get asking(): readonly string[] {
    return this.#asking;
  }

  /** Until control goes back unless it is used; `undefined` for the host's. */
  leftMs(now: number): number | undefined {
    return this.#holder === undefined ? undefined : Math.max(0, this.#until - now);
  }

  /** Of two who ask at once, the one whose message came first is first. */
  ask(person: string, now: number): void {
    if (this.#holder === person) return;
    if (!this.#asking.includes(person)) this.#asking.push(person);
    if (this.#isFree && this.#holder === undefined) this.#next(now);
  }

  give(person: string, now: number): void {
    this.#revoked++;
    this.#hold(person, now);
  }

  /** The host takes control; who asked still waits. */
  take(): void {
    this.#revoked++;
    this.#release();
  }

  /** The holder hands over, to somebody or to whoever is next. */
  yield(to: string | undefined, now: number): void {
    this.#release();
    if (to !== undefined) this.#hold(to, now);
    else this.#next(now);
  }

  #hold(person: string, now: number): void {
    this.#asking = this.#asking.filter((one) => one !== person);
    this.#holder = person;
    this.#until = now + this.#leaseMs;
  }

  #release(): void {
    this.#holder = undefined;
    this.#until = Infinity;
  }

  /** The holder has done something. */
  use(now: number): void {
    if (this.#holder !== undefined) this.#until = now + this.#leaseMs;
  }

  /** Takes somebody out who is gone. */
  leave(person: string, now: number): void {
    this.#asking = this.#asking.filter((one) => one !== person);
    if (this.#holder !== person) return;
    this.#revoked++;
    this.yield(undefined, now);
  }

  /** @returns Whether control has gone back as nobody used it. */
  expire(now: number): boolean {
    if (now < this.#until) return false;
    this.yield(undefined, now);
    return true;
  }

  #next(now: number): void {
    const [next] = this.#asking;
    if (this.#isFree && next !== undefined) this.#hold(next, now);
  }
}
