import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Words {
  /** The commands before it, such as `schedule create`; empty for the program. */
  path: string;
  words: string[];
}

/** What may follow each command: its commands and its options. */
function wordsOf(command: Command, path: readonly string[] = []): Words[] {
  const commands = command.commands.filter((one) => !('_hidden' in one && one._hidden));
  const options = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []);
  const own = { path: path.join(' '), words: [...commands.map((one) => one.name()), ...options, '--help'] };
  return [own, ...commands.flatMap((one) => wordsOf(one, [...path, one.name()]))];
}

const bash = (all: readonly Words[]): string[] => [
  '_showcaller() {',
  '  local path="" word',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  '    case "$path${path:+ }$word" in',
  ...all.filter(({ path }) => path !== '').map(({ path }) => `      '${path}') path='${path}' ;;`),
  '    esac',
  '  done',
  '  case "$path" in',
  ...all.map(
    ({ path, words }) =>
      `    '${path}') COMPREPLY=($(compgen -W '${words.join(' ')}' -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`,
  ),
  '  esac',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  '  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")); fi',
  '}',
  'complete -F _showcaller showcaller',
];

const fish = (all: readonly Words[]): string[] => [
  'function __showcaller_path',
  '  set -l path',
  '  for word in (commandline -opc)[2..-1]',
  '    switch "$path $word"',
  ...all
    .filter(({ path }) => path !== '')
    .map(({ path }) => `      case '${path.includes(' ') ? '' : ' '}${path}'; set path '${path}'`),
  '    end',
  '  end',
  '  echo "$path"',
  'end',
  ...all.map(
    ({ path, words }) => `complete -c showcaller -n 'test (__showcaller_path) = "${path}"' -a '${words.join(' ')}'`,
  ),
];

/** A script that completes the commands and options of the program in a shell. */
export function completionOf(program: Command, shell: Shell): string[] {
  const all = wordsOf(program);
  switch (shell) {
    case 'bash':
      return bash(all);
    case 'zsh':
      return ['autoload -U +X bashcompinit && bashcompinit', ...bash(all)];
    case 'fish':
      return fish(all);
  }
}
