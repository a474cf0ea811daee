/** A failure of a kind with a closed set of codes. `code` is stable, for programs to switch over. */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One that a person meets at a command: it has the next step where there is one. */
export abstract class HintedError<Code extends string> extends CodedError<Code> {
  readonly hint: string | undefined;

  constructor(code: Code, message: string, hint?: string, options?: ErrorOptions) {
    super(code, message, options);
    this.hint = hint;
  }
}
