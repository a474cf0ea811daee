import { type CompletionRow, quoted } from "./table.ts";

/** Names of the fleet's scripts, from its grants: no program is started for them. */
export const SCRIPTS_FUNCTION = `_writ_scripts() {
  local dir=$PWD
  while [ -n "$dir" ] && [ ! -f "$dir/policy/fleet.yaml" ]; do dir=\${dir%/*}; done
  sed -n 's/^script: *"\\{0,1\\}\\([a-z0-9-]*\\/[a-z0-9-]*\\).*/\\1/p' "$dir"/policy/grants/*.yaml 2>/dev/null
}`;

/** Completion for bash, 4.2 or newer. */
export function bashCompletion(rows: readonly CompletionRow[]): string {
  const paths = rows.flatMap(({ path, commands }) =>
    commands.map(({ name }) => quoted(`${path} ${name}`.trim()))
  );
  const cases = rows.map((row) => `    ${quoted(row.path)}) ${bodyOf(row)} ;;`);
  return `# writ completion for bash: eval "$(writ completion bash)"
${SCRIPTS_FUNCTION}
_writ() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local path='' commands='' options='' files='' dirs='' scripts='' silent='' operand='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${paths.join("|")}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case $path in
${cases.join("\n")}
  esac
  local kind=$operand word
  for word in $files; do [ "$word" = "$prev" ] && kind=file; done
  for word in $dirs; do [ "$word" = "$prev" ] && kind=dir; done
  for word in $scripts; do [ "$word" = "$prev" ] && kind=script; done
  for word in $silent; do [ "$word" = "$prev" ] && kind=none; done
  COMPREPLY=()
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    return
  fi
  case $kind in
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    script) mapfile -t COMPREPLY < <(compgen -W "$(_writ_scripts)" -- "$cur") ;;
    text) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
  esac
}
complete -F _writ writ
`;
}

function bodyOf({ commands, options, operand }: CompletionRow): string {
  const named = (kind: string) =>
    options.filter(({ value }) => value === kind).map(({ name }) => name).join(" ");
  return [
    `commands=${quoted(commands.map(({ name }) => name).join(" "))}`,
    `options=${quoted(options.map(({ name }) => name).join(" "))}`,
    `files=${quoted(named("file"))}`,
    `dirs=${quoted(named("dir"))}`,
    `scripts=${quoted(named("script"))}`,
    `silent=${quoted(`${named("text")} ${named("choice")}`.trim())}`,
    `operand=${operand}`,
  ].join(" ");
}
