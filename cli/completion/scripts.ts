/** Scripts that make a shell ask `tidewatch complete`. Each hands the words over as they stand, without evaluating them. */

/** Shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The lines that end the candidates: whether names of files may stand there too. */
export const endings = { files: ':files', none: ':none' } as const;

const bash = String.raw`# bash completion for tidewatch: eval "$(tidewatch completion bash)", or put it into /etc/bash_completion.d
_tidewatch() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      ${endings.files}) compopt -o filenames 2>/dev/null ;;
      ${endings.none}) compopt +o default 2>/dev/null ;;
      *) COMPREPLY+=("${'$'}{line%%$'\t'*}") ;;
    esac
  done < <(tidewatch complete -- "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tidewatch tidewatch`;

const zsh = String.raw`#compdef tidewatch
# zsh completion for tidewatch: eval "$(tidewatch completion zsh)", or put it as _tidewatch into a folder of $fpath
_tidewatch() {
  local line tab=$'\t'
  local -a described
  while IFS= read -r line; do
    case $line in
      ${endings.files}) _files ;;
      ${endings.none}) ;;
      *) described+=("${'$'}{${'$'}{line%%$tab*}//:/\\:}:${'$'}{line#*$tab}") ;;
    esac
  done < <(tidewatch complete -- "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#described )) && _describe tidewatch described
}
if [[ $zsh_eval_context == *func ]]; then _tidewatch "$@"; else compdef _tidewatch tidewatch; fi`;

const fish = String.raw`# fish completion for tidewatch: tidewatch completion fish > ~/.config/fish/completions/tidewatch.fish
function __tidewatch_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in (tidewatch complete -- $before[2..-1] "$current" 2>/dev/null)
        switch $line
            case ${endings.files}
                __fish_complete_path "$current"
            case ${endings.none}
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c tidewatch -f -a '(__tidewatch_complete)'`;

/** The script of each shell, without a line end behind its last line. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
