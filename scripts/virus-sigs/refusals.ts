/** What an order is told when the answer is no: in words, as where it was found out helps nobody. */
class Refusal extends Error {
  constructor(message: string) {
    super(message);
    delete this.stack;
  }
}

/** A file is not what it is said to be. Whoever gave it knows, or should have looked. */
export class FalseFile extends Refusal {
  override readonly name = "FalseFile";
}

/** No vendor signed what is in a file, whoever offers it. */
export class UnsignedFile extends FalseFile {}

/** A file is older than the one that is here. */
export class OlderFile extends Refusal {
  override readonly name = "OlderFile";
}

/** An order to publish does not bring what it is about. */
export class NothingAttached extends Refusal {
  override readonly name = "NothingAttached";
}

/** A list is here under the same version, with other content. */
export class SameVersion extends Refusal {
  override readonly name = "SameVersion";
}

/** What was published is kept and offered, and the scanner goes on with what it had. */
export class NotUsed extends Refusal {
  override readonly name = "NotUsed";

  constructor(taken: readonly string[], why: string) {
    const kept = taken.length > 0 ? `kept and offered: ${taken.join(", ")}` : "nothing was new";
    super(`${why} (${kept})`);
  }
}
