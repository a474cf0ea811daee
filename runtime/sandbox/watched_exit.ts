/** What a shell adds to a signal's number to make an exit code of it, as bubblewrap does. */
const SIGNALLED = 128;
/** The signals that a cell can end by, by their number on every Linux that Deno runs on. */
const SIGNALS: Readonly<Record<number, Deno.Signal>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

/**
 * How a cell ended whose end was told by the process that watched over it. A cell that exits with
 * such a code itself is told as one that was ended by the signal; only its own outcome says so.
 */
export function statusBehind(status: Deno.CommandStatus): Deno.CommandStatus {
  const signal = SIGNALS[status.code - SIGNALLED];
  return status.signal === null && signal ? { ...status, signal } : status;
}
