import { type Command, InvalidArgumentError } from 'commander';
import type { CertifyFlags } from '../certify.ts';
import { positive } from '../numbers.ts';

/** A timer of Node's that is longer fires at once. */
const mostMinutes = 1_440;
const minutes = (text: string): number => {
  const given = positive(text);
  if (given > mostMinutes) throw new InvalidArgumentError(`must be at most ${mostMinutes}, a day`);
  return given;
};

export const registerCertify = (program: Command): void => {
  program
    .command('certify')
    .description('play one short show on a real account and report which promises it keeps; costs money, asks first')
    .requiredOption('--account <name>', 'a configured account: NAME, or VENDOR/NAME')
    .option('--yes', 'do not ask')
    .option('--minutes <number>', 'close the channel after so many minutes, whatever is found', minutes, 15)
    .option('--seconds <number>', 'how long the encoder sends each of two times', positive, 30)
    .option('--vendor-options <json>', '`vendorOptions` of the show, as in a plan')
    .option('--out <dir>', 'where the report is written, as JSON and Markdown', '.')
    .option('--record <dir>', 'keep what was exchanged with the vendor there, without secrets, as JSON')
    .option('--clean-up <event-id>', 'only release what an earlier certify left')
    .option('--json', 'print the report as one JSON document on stdout')
    .action(async (flags: CertifyFlags) => {
      const { runCertify } = await import('../certify.ts');
      await runCertify(flags);
    });
};
