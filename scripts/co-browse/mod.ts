/**
 * Links browsers: one is shared, others see it and drive it, under agents of their own or in a page.
 * README.md tells how.
 *
 * @module
 */
import { coBrowseScript } from "./script.ts";

export default coBrowseScript();
