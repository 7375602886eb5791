import { Command } from 'commander';
import { vi } from 'vitest';

/** What a command writes that runs in this process. Restore the mocks after the test. */
export async function commandOutput(
  register: (program: Command) => unknown,
  args: readonly string[],
): Promise<{ out: string; said: string }> {
  const printed = { out: '', said: '' };
  const keep = (as: keyof typeof printed) => (text: string | Uint8Array) => {
    printed[as] += text;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('said'));
  const program = new Command();
  register(program);
  await program.parseAsync(args, { from: 'user' });
  return printed;
}
