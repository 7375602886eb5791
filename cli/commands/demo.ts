import type { Command } from 'commander';
import type { DemoFlags } from '../demo.ts';

export const registerDemo = (program: Command): void => {
  program
    .command('demo')
    .description(
      'a whole event on every simulated vendor, with a real encoder that drops once; exit 0 only if every VOD is proved',
    )
    .option('--vendor <name...>', 'only these')
    .option('--legs', 'instead: one event on two vendors, of which the first loses its picture')
    .option('--keep', 'leave everything running at the end')
    .option('--json', 'print the reports as one JSON document on stdout')
    .action(async (flags: DemoFlags) => {
      const { stackBundle } = await import('../stack-bundle.ts');
      void stackBundle();
      const { demo } = await import('../demo.ts');
      await demo(flags);
    });
};
