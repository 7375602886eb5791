import { Command, CommanderError } from 'commander';
import { printable } from '../domain/text.ts';
import { packageVersion } from '../temporal/package-version.ts';
import { registerApi } from './commands/api.ts';
import { registerCertify } from './commands/certify.ts';
import { registerCheck } from './commands/check.ts';
import { registerCodec } from './commands/codec.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDev } from './commands/dev.ts';
import { registerList } from './commands/list.ts';
import { registerOperators } from './commands/operators.ts';
import { registerSchedule } from './commands/schedule.ts';
import { registerSetup } from './commands/setup.ts';
import { registerSim } from './commands/sim.ts';
import { registerStart } from './commands/start.ts';
import { registerStatus } from './commands/status.ts';
import { registerSweep } from './commands/sweep.ts';
import { registerUsage } from './commands/usage.ts';
import { registerWorker } from './commands/worker.ts';
import { exitCodeOf, exitCodes, report } from './io.ts';
import { endWithoutReader } from './signals.ts';
import { timesOf } from './times.ts';

// We support Node 20; without this the SDK would print its advice to upgrade into every first run.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

endWithoutReader();

const program = new Command('showcaller')
  .description('Durable orchestration of live video events')
  .version(packageVersion(), '-V, --version', 'print the version')
  .exitOverride()
  // The parser quotes the words that it does not know.
  .configureOutput({ writeErr: (text) => void process.stderr.write(text.split('\n').map(printable).join('\n')) });

for (const register of [
  registerDev,
  registerDemo,
  registerSim,
  registerWorker,
  registerCheck,
  registerStart,
  registerStatus,
  registerList,
  registerOperators,
  registerSchedule,
  registerSetup,
  registerSweep,
  registerUsage,
  registerCertify,
  registerCodec,
  registerApi,
  registerCompletion,
]) {
  register(program);
}

/** A mistake leads to the help of the command in which it is. */
function leadToHelp(command: Command, name: string): void {
  const what = command.commands.length > 0 ? 'the commands' : 'its options';
  command.showHelpAfterError(`(${name} --help shows ${what})`);
  for (const one of command.commands) leadToHelp(one, `${name} ${one.name()}`);
}
leadToHelp(program, program.name());

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  else {
    report(error, process.argv.includes('--json'), timesOf({ utc: process.argv.includes('--utc') }));
    // Open handles, such as the worker's native runtime, must not keep a failed process alive.
    process.stdout.write('', () => process.exit(exitCodeOf(error)));
  }
}
