import { SCRIPTS_FUNCTION } from "./bash.ts";
import { type CompletionRow, quoted } from "./table.ts";

/** Completion for zsh. */
export function zshCompletion(rows: readonly CompletionRow[]): string {
  const paths = rows.flatMap(({ path, commands }) =>
    commands.map(({ name }) => quoted(`${path} ${name}`.trim()))
  );
  return `#compdef writ
# writ completion for zsh: put this into a file _writ of a folder in $fpath, or
# eval "$(writ completion zsh)" after compinit. An alias needs: setopt complete_aliases
${SCRIPTS_FUNCTION}
_writ() {
  local at='' word i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${at:+$at }$words[i]"
    case $word in
      (${paths.join("|")}) at=$word ;;
    esac
  done
  local prev=$words[CURRENT-1] operand=text
  local -a commands options files dirs scripts silent
  case $at in
${rows.map((row) => `    (${quoted(row.path)})\n${bodyOf(row)} ;;`).join("\n")}
  esac
  local kind=$operand
  (( $files[(Ie)$prev] )) && kind=file
  (( $dirs[(Ie)$prev] )) && kind=dir
  (( $scripts[(Ie)$prev] )) && kind=script
  (( $silent[(Ie)$prev] )) && kind=none
  if [[ $words[CURRENT] == -* ]]; then
    _describe -o option options
    return
  fi
  case $kind in
    (file) _files ;;
    (dir) _files -/ ;;
    (script) compadd -- \${(f)"$(_writ_scripts)"} ;;
    (text) (( $#commands )) && _describe command commands ;;
  esac
}
(( $+functions[compdef] )) && compdef _writ writ
`;
}

function bodyOf({ commands, options, operand }: CompletionRow): string {
  const named = (...kinds: (string | undefined)[]) =>
    options.filter(({ value }) => kinds.includes(value)).map(({ name }) => name).join(" ");
  const described = (items: readonly { name: string; words: string }[]) =>
    items.map(({ name, words }) => quoted(`${name}:${words.replaceAll(":", "\\:")}`)).join(" ");
  return `      commands=(${described(commands)})
      options=(${described(options)})
      files=(${named("file")}) dirs=(${named("dir")}) scripts=(${named("script")})
      silent=(${named("text", "choice")}) operand=${operand}`;
}
