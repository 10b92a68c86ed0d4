import type { Command } from 'commander'

/** `mlflow-gateway completion <shell>`: a script that completes commands and options, made from the program itself. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const name = program.name()
  const words = wordsOf(program)
  if (shell === 'fish') return fish(name, words)
  const cases = [...words].map(([path, list]) => `    '${path}') words='${list.join(' ')}' ;;`).join('\n')
  const script = `_mlflow_gateway() {
  local path='' word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.replaceAll('\n', '\n  ')}
      *) words= ;;
    esac
    [ -n "$words" ] || [ -z "$path" ] && break
    case "$path" in *' '*) path="\${path% *}" ;; *) path='' ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mlflow_gateway ${name}
`
  return shell === 'bash' ? script : `autoload -U +X bashcompinit && bashcompinit\n${script}`
}

/** What may follow each command, by its words. */
function wordsOf(command: Command, path = ''): Map<string, string[]> {
  const words = new Map([
    [
      path,
      [
        ...command.commands.map((sub) => sub.name()),
        ...command.options.flatMap(({ long }) => (long ? [long] : [])),
        '--help',
      ],
    ],
  ])
  for (const sub of command.commands) {
    for (const entry of wordsOf(sub, path === '' ? sub.name() : `${path} ${sub.name()}`)) words.set(...entry)
  }
  return words
}

function fish(name: string, words: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...words].flatMap(([path, list]) => {
    const condition =
      path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1) ?? ''}`
    return list.map((word) =>
      word.startsWith('--')
        ? `complete -c ${name} -n '${condition}' -l ${word.slice(2)}`
        : `complete -c ${name} -f -n '${condition}' -a ${word}`,
    )
  })
  return `${lines.join('\n')}\n`
}
