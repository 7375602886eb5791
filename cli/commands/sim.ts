import type { Command } from 'commander';
import { answer, say } from '../io.ts';
import { positiveOrZero } from '../numbers.ts';
import { untilStopped } from '../signals.ts';

export const registerSim = (program: Command): void => {
  program
    .command('sim')
    .description('the simulators alone, for any client in any language')
    .option('--vendor <name...>', 'only these')
    .option('--control-port <port>', 'port of the control interface', positiveOrZero)
    .option('--slowness <factor>', "multiply the vendors' transition times", positiveOrZero, 1)
    .option('--json', 'print endpoints and credentials as one JSON document on stdout')
    .action(async (flags: { vendor?: string[]; controlPort?: number; slowness: number; json?: boolean }) => {
      const { startSimulators } = await import('../../simulators/start.ts');
      const { exportLines } = await import('../../simulators/kit/control.ts');
      const stopped = untilStopped();
      const simulators = await startSimulators({
        vendors: flags.vendor,
        slowness: flags.slowness,
        control: flags.controlPort ?? true,
      });
      const { controlUrl: control, env, running } = simulators;
      const vendors = Object.fromEntries(running.map((one) => [one.vendor, { client: one.client, env: one.env }]));
      answer(flags.json, { control, env, vendors }, () => [
        `# control interface: ${control}`,
        ...exportLines(env).trimEnd().split('\n'),
      ]);
      say('simulators are up; Ctrl-C stops them');
      await stopped;
      await simulators.close();
    });
};
