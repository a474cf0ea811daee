import * as v from "valibot";
import {
  EXCHANGE_PATH,
  exchangeSchema,
  questionSchema,
  RESOLVE_PATH,
  resolvedSchema,
} from "../../peer/membership/wire.ts";
import { CALLS_PATH, RELAY_PATH, WAYS_PATH } from "../../peer/relay/limits.ts";
import { BYTES, count, DOCUMENT, json } from "./contents.ts";
import type { Route } from "./route.ts";

/** The routes by which agents help each other. */
export const PEER_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/swarm/:list",
    callers: ["operator", "peer"],
    about: "How a shared blob is cut, by the hexadecimal digits of its chunk list's SHA-256",
    answers: { 200: DOCUMENT },
  },
  {
    method: "GET",
    path: "/v1/swarm/:list/have",
    callers: ["operator", "peer"],
    about: "Which chunks are here, one bit each; waits until there are more than ?since",
    query: { since: v.optional(count) },
    answers: { 200: BYTES },
  },
  {
    method: "GET",
    path: "/v1/swarm/:list/chunks/:index",
    callers: ["peer"],
    about: "Which chunks are here, one bit each, and behind that one chunk",
    answers: { 200: BYTES },
  },
  {
    method: "POST",
    path: EXCHANGE_PATH,
    callers: ["peer"],
    about: "Takes adverts of agents, the caller's own first, and gives some back",
    body: json(exchangeSchema),
    answers: { 200: json(exchangeSchema) },
  },
  {
    method: "POST",
    path: RESOLVE_PATH,
    callers: ["peer"],
    about: "Finds the advert of an agent, here or further on",
    body: json(questionSchema),
    answers: { 200: json(resolvedSchema) },
  },
  {
    method: "GET",
    path: "/v1/channels/:publisher/:name/:channel",
    callers: ["peer"],
    about: "Becomes a socket: a channel between the instances of a script here and there",
    answers: { 101: BYTES },
  },
  {
    method: "GET",
    path: RELAY_PATH,
    callers: ["peer"],
    about: "Becomes a socket: the caller is reached through this agent for as long as it is open",
    answers: { 101: BYTES },
  },
  {
    method: "GET",
    path: `${WAYS_PATH}/:agent`,
    callers: ["peer"],
    about: "Becomes a socket: the way to an agent that is reached through this one",
    answers: { 101: BYTES },
  },
  {
    method: "GET",
    path: CALLS_PATH,
    callers: ["peer"],
    about: "Becomes a socket: signed calls of any kind, one after another, through a relay for one",
    answers: { 101: BYTES },
  },
];
