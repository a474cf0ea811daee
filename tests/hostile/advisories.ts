/** A published security advisory of Deno or its standard library. */
export interface Advisory {
  /** As {@linkcode Attack.advisory} names it. */
  readonly id: string;
  /** What it let a program do. */
  readonly what: string;
  /** Why no case of the corpus can express it; absent where at least one does. */
  readonly unexpressed?: string;
}

const WINDOWS = "of Windows alone, where there is isolation level 0";
const NOT_USED = "of a tool that neither agent nor cell starts";

/** Every one that is known to whoever wrote this, by year. */
export const ADVISORIES: readonly Advisory[] = [
  { id: "CVE-2021-32619", what: "static imports of a module imported at run time go unchecked" },
  { id: "CVE-2021-41641", what: "a symbolic link leads out of a granted folder" },
  { id: "CVE-2021-42139", what: "a YAML document holds functions, which are made and called" },
  { id: "CVE-2022-24783", what: "calls of the native interface go unchecked" },
  { id: "CVE-2023-22499", what: "another thread wipes Deno's question off the screen" },
  { id: "CVE-2023-26103", what: "a regular expression over a header takes quadratic time" },
  { id: "CVE-2023-28445", what: "a buffer shrunk while native code uses it" },
  { id: "CVE-2023-28446", what: "control characters in the name of a program to run" },
  { id: "CVE-2023-33966", what: "requests of node:http go unchecked" },
  { id: "CVE-2024-27931", what: "the prefix of a temporary file climbs out of its folder" },
  { id: "CVE-2024-27932", what: "tokens for one host are sent to another" },
  { id: "CVE-2024-27933", what: "descriptors of the process can be closed and taken over" },
  { id: "CVE-2024-27934", what: "pointers used after they were freed, and native code by them" },
  { id: "CVE-2024-27935", what: "what one connection reads appears in another, by one buffer" },
  { id: "CVE-2024-27936", what: "a broken escape sequence hides what a question is about" },
  {
    id: "CVE-2024-32468",
    what: "script in the pages that `deno doc --html` writes",
    unexpressed: NOT_USED,
  },
  { id: "CVE-2024-32477", what: "the terminal itself is made to answer a question" },
  { id: "CVE-2024-34346", what: "every file granted, and files that are more than files" },
  {
    id: "CVE-2024-37150",
    what: "the token of a private registry is sent wherever its packages lie",
  },
  { id: "CVE-2025-21620", what: "a password follows a redirect to another host" },
  {
    id: "CVE-2024-52793",
    what: "script in the listing of a folder, by the name of a file",
    unexpressed: "against who looks at a script's page, not against the agent; that page has an " +
      "origin of its own, which tests/agent/endpoint asks for",
  },
  {
    id: "CVE-2025-24015",
    what: "AES-GCM of node:crypto does not check the tag",
    unexpressed: "a wrong answer to the script itself, no way out of a cell",
  },
  { id: "CVE-2025-48888", what: "granted and denied as a whole is granted" },
  { id: "CVE-2025-48934", what: "all of the environment shows names that are denied" },
  { id: "CVE-2025-48935", what: "SQL attaches a file that was not granted" },
  { id: "CVE-2025-55195", what: "a key of a parsed document reaches a prototype" },
  { id: "CVE-2025-61785", what: "who may only read a file changes its times" },
  { id: "CVE-2025-61786", what: "who may only write a file learns its size and times" },
  {
    id: "CVE-2025-61787",
    what: "arguments of a batch file become commands",
    unexpressed: WINDOWS,
  },
  {
    id: "CVE-2026-22863",
    what: "ciphers of node:crypto can be used on after their end",
    unexpressed: "a wrong answer to the script itself, no way out of a cell",
  },
  {
    id: "CVE-2026-22864",
    what: "batch files by another spelling of their ending",
    unexpressed: WINDOWS,
  },
  { id: "CVE-2026-27190", what: "arguments become commands of a shell" },
  { id: "CVE-2026-32260", what: "arguments in backticks become commands of a shell" },
  {
    id: "CVE-2026-44726",
    what: "a connection that is tried again goes on without TLS",
    unexpressed: "against the script's own connection, no way out of a cell",
  },
  {
    id: "CVE-2026-49401",
    what: "one path in two spellings of Unicode",
    unexpressed: "of the file system of macOS, where there is isolation level 0",
  },
  {
    id: "CVE-2026-49402",
    what: "arguments become commands of cmd.exe",
    unexpressed: WINDOWS,
  },
  { id: "CVE-2026-49406", what: "a package of node_modules leads out of a granted folder" },
  { id: "CVE-2026-49860", what: "a WebSocket to a name that resolves to a denied address" },
  { id: "CVE-2026-49983", what: "a file is loaded into the environment without a right to it" },
  {
    id: "CVE-2026-55517",
    what: "a header of a WebSocket server ends the process",
    unexpressed: "gone: nothing makes a control succeed; a process that ends is `kill_itself`",
  },
  {
    id: "CVE-2026-103473",
    what: "arguments are escaped for another shell than runs them",
    unexpressed: WINDOWS,
  },
  { id: "GHSA-cpgj-f7g3-2pp2", what: "fetch of a name that resolves to a denied address" },
];
