import type { Command } from 'commander';
import { answer, say, UsageError } from '../io.ts';
import { positive, positiveOrZero } from '../numbers.ts';
import { untilStopped } from '../signals.ts';

interface SimFlags {
  vendor?: string[];
  controlPort?: number;
  portsFrom?: number;
  beyondLoopback?: boolean;
  slowness: number;
  json?: boolean;
}

export const registerSim = (program: Command): void => {
  program
    .command('sim')
    .description('the simulators alone, for any client in any language')
    .option('--vendor <name...>', 'only these')
    .option('--control-port <port>', 'port of the control interface', positiveOrZero)
    .option('--ports-from <port>', 'fixed ports from this one on: of each vendor its API, then its RTMP', positive)
    .option(
      '--beyond-loopback',
      'open those ports at the addresses of this container too; anyone who reaches them is let in',
    )
    .option('--slowness <factor>', "multiply the vendors' transition times", positiveOrZero, 1)
    .option('--json', 'print endpoints and credentials as one JSON document on stdout')
    .action(async (flags: SimFlags) => {
      if (flags.beyondLoopback && !flags.portsFrom)
        throw new UsageError('--beyond-loopback opens fixed ports: name the first one in --ports-from');
      const { startSimulators } = await import('../../simulators/start.ts');
      const { outerAddresses } = await import('../../simulators/beyond-loopback.ts');
      const { exportLines } = await import('../../simulators/kit/control.ts');
      const stopped = untilStopped();
      const simulators = await startSimulators({
        vendors: flags.vendor,
        slowness: flags.slowness,
        control: flags.controlPort ?? true,
        ...(flags.portsFrom && { portsFrom: flags.portsFrom }),
        ...(flags.beyondLoopback && { alsoAt: outerAddresses() }),
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
