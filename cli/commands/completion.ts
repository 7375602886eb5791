import { Argument, type Command } from 'commander';
import { completionOf, type Shell, shells } from '../completion.ts';
import { answer } from '../io.ts';

export const registerCompletion = (program: Command): void => {
  program
    .command('completion')
    .description('a script that completes commands and options: source <(showcaller completion bash)')
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: Shell) => answer(false, undefined, () => completionOf(program, shell)));
};
