import { SMALL, TOOLS } from "./unit.ts";

/** How long a new release may take to say that it is well, seconds; then it is ended. */
const TRIAL_SECONDS = 120;

/**
 * `start FOLDER STATE ARGUMENT…`: runs the Writ that lies in a folder, with its own Deno, its own
 * packages and the rights of an agent. Each release brings its own, as its rights may differ.
 */
export const START_TEXT = `#!/bin/sh
folder=$1 state=$2
shift 2
DENO_DIR=$folder/cache DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
export DENO_DIR DENO_NO_UPDATE_CHECK NO_COLOR
exec "$folder/deno" run --no-prompt --ignore-env --cached-only --config "$folder/deno.json" \\
  ${SMALL.join(" ")} \\
  --allow-read \\
  "--allow-write=$state" \\
  --allow-net --allow-sys=uid \\
  "--allow-run=${TOOLS.join(",")},$folder/deno" \\
  "$folder/main.ts" "$@"
`;

/**
 * `launch FOLDER STATE ARGUMENT…`: runs the release that the agent has come to, else what was
 * installed in the folder. A release is tried once: unless it says within its time that it is well,
 * the next start is of the one before. A release that was taken before something else was installed
 * is not run any more.
 *
 * The process that is started stays the very one that the supervisor knows.
 */
export const LAUNCH_TEXT = `#!/bin/sh
installed=$1 state=$2
shift 2
releases=$state/releases
folder=$installed

# The folder of the release that a mark names, if it can be started.
release() {
  number=$(cat "$releases/$1" 2>/dev/null) || return 1
  case $number in '' | *[!0-9]*) return 1 ;; esac
  [ -x "$releases/$number/start" ] || return 1
  echo "$releases/$number"
}

# It was started, and ended before it said that it is well.
[ -f "$releases/trying" ] && mv -f "$releases/trying" "$releases/failed"
if next=$(release next); then
  mv -f "$releases/next" "$releases/trying" && folder=$next
  echo "$installed" >"$releases/installed"
  # Ends it when it neither ends nor says anything. Its parent is not us, who become the agent.
  (
    (
      sleep ${TRIAL_SECONDS}
      [ "$(release trying)" = "$folder" ] && kill -KILL $$
    ) >/dev/null 2>&1 &
  )
elif [ "$(cat "$releases/installed" 2>/dev/null)" = "$installed" ] && current=$(release current); then
  folder=$current
fi
exec "$folder/start" "$folder" "$state" "$@"
`;
