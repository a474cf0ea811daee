/**
 * Prints: a queue of IPP that any operating system can print to, kept on disk, in front of a
 * printer or of another agent's queue; or one document at once. README.md tells how.
 *
 * @module
 */
import { printScript } from "./script.ts";

export default printScript();
