import { Command } from 'commander';
import { afterEach, expect, it, vi } from 'vitest';
import { registerApi } from '../../../../cli/commands/api.ts';
import { registerList } from '../../../../cli/commands/list.ts';
import { registerUsage } from '../../../../cli/commands/usage.ts';

afterEach(() => void vi.restoreAllMocks());

async function outputOf(args: readonly string[]): Promise<string> {
  let output = '';
  const keep = (text: string | Uint8Array): boolean => {
    output += text;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  const program = new Command();
  for (const register of [registerApi, registerList, registerUsage]) register(program);
  for (const command of program.commands) command.exitOverride();
  for (const command of program.commands.flatMap((one) => one.commands)) command.exitOverride();
  await program.parseAsync([...args], { from: 'user' }).catch((error: Error) => keep(error.message));
  return output;
}

const newToken = ['api', 'new-token', '--name', 'desk', '--role', 'viewer', '--expires-at'];

it.each([
  [newToken],
  [['list', '--from']],
  [['list', '--to']],
  [['usage', '--from']],
  [['usage', '--from', '2026-01-01T00:00:00Z', '--to']],
])('%j takes an ISO 8601 instant with an offset, and says why it refuses another text', async (args) => {
  expect(await outputOf([...args, '2027'])).toContain('It is not an ISO 8601 instant with a zone');
  expect(await outputOf([...args, '2027-03-01T10:00'])).toContain('It has no time zone: add Z or an offset');
  expect(await outputOf([...args, '2027-02-30T10:00:00Z'])).toContain('It is not a date');
});

it('a token expires at the instant that was given', async () => {
  expect(await outputOf([...newToken, '2027-03-01T10:00:00+01:00', '--json'])).toContain('"2027-03-01T09:00:00.000Z"');
});
