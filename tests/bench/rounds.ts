/** How often each thing is measured; the median of all is what counts. */
export interface Rounds {
  /** Cold and prewarmed starts. */
  starts: number;
  /** Turns of warm calls, and calls in each. */
  warmTurns: number;
  warmCalls: number;
  /** Turns of hashing, and megabytes in each. */
  hashTurns: number;
  hashMegabytes: number;
  /** Turns of orders, and orders in each. */
  orderTurns: number;
  orders: number;
  agentStarts: number;
  /** Turns of signed calls, and calls in each. */
  callTurns: number;
  calls: number;
  /** Reloads of the largest accept-list. */
  listTurns: number;
  /** Turns of requests to a live cell, and requests in each. */
  fetchTurns: number;
  fetches: number;
  /** Documents that are printed. */
  printJobs: number;
}

export const FULL: Rounds = {
  starts: 25,
  warmTurns: 10,
  warmCalls: 200,
  hashTurns: 9,
  hashMegabytes: 200,
  orderTurns: 5,
  orders: 3_000,
  agentStarts: 9,
  callTurns: 9,
  calls: 3_000,
  listTurns: 11,
  fetchTurns: 9,
  fetches: 500,
  printJobs: 40,
};

export const QUICK: Rounds = {
  starts: 7,
  warmTurns: 4,
  warmCalls: 100,
  hashTurns: 3,
  hashMegabytes: 100,
  orderTurns: 2,
  orders: 1_500,
  agentStarts: 3,
  callTurns: 5,
  calls: 2_000,
  listTurns: 5,
  fetchTurns: 3,
  fetches: 200,
  printJobs: 15,
};
