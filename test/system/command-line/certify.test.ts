import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKit } from '../../../simulators/kit/kit.ts';
import type { RunningSimulator } from '../../../simulators/kit/types.ts';
import { simulators } from '../../../simulators/registry.ts';
import { type Started, showcaller, started } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const vendor = 'alibaba-oss';
const kit = createKit();
let sim: RunningSimulator;
let dir: string;

beforeAll(async () => {
  const module = simulators.find((one) => one.vendor === vendor);
  if (!module) throw new Error(`there is no simulator of ${vendor}`);
  sim = await module.start(kit, { slowness: 0.02 });
  dir = mkdtempSync(join(tmpdir(), 'certify-'));
});

afterAll(async () => {
  await sim?.close();
  rmSync(dir, { recursive: true, force: true });
});

beforeEach(() => {
  kit.faults.clear();
  kit.log.clear();
});

const asked = (...more: string[]) => ['certify', '--account', `${vendor}/default`, '--out', dir, ...more];
const certify = (...more: string[]): Started => started(asked(...more), sim.env);
const billed = () => sim.resources().filter((one) => one.billed || one.kind.includes('channel'));
const changed = () => kit.log.entries({ vendor }).filter(({ method }) => method !== 'GET' && method !== 'HEAD');
const eventIn = (text: string): string => /--clean-up (certify-[0-9a-z]+)/.exec(text)?.[1] ?? 'none';

async function says({ output, ended }: Started, words: string): Promise<void> {
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  await until(() => gone || output.stderr.includes(words));
  expect(output.stderr).toContain(words);
}

describe('showcaller certify', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'releases everything after %s, and reports that it did not end',
    async (signal) => {
      const process = certify('--yes');
      await says(process, 'the encoder connects');
      process.kill(signal);
      expect(await process.ended).toBe(1);
      expect(process.output.stderr).toContain(`${signal}: the show ends, and the clean-up follows`);
      expect(process.output.stdout).toContain(`incomplete (it was ended: ${signal})`);
      expect(billed()).toEqual([]);
      const report = JSON.parse(readFileSync(join(dir, `certify-${vendor}-default.json`), 'utf8'));
      expect(report.outcome).toBe('incomplete');
    },
  );

  it('ends at once at the second signal, and what it says to type releases what was left', async () => {
    const process = certify('--yes');
    await says(process, 'the encoder connects');
    kit.faults.add(vendor, { operation: 'DeleteLiveChannel', kind: 'unavailable', times: Number.POSITIVE_INFINITY });
    process.kill('SIGINT');
    await until(() => kit.log.entries({ vendor, fault: 'unavailable' }).length > 0);
    process.kill('SIGINT');
    expect(await process.ended).toBe(130);
    expect(process.output.stderr).toContain('ended before the clean-up was done');
    expect(billed()).toHaveLength(1);

    const id = eventIn(process.output.stderr);
    // The vendor still refuses: a signal ends the clean-up, which says what is left.
    const interrupted = certify('--clean-up', id);
    await says(interrupted, 'waiting: ');
    interrupted.kill('SIGTERM');
    expect(await interrupted.ended).toBe(1);
    expect(interrupted.output.stdout).toMatch(new RegExp(`NOT RELEASED: .*SIGTERM; .*--clean-up ${id}`));
    expect(billed()).toHaveLength(1);

    kit.faults.clear();
    const released = await showcaller(asked('--clean-up', id), { env: sim.env });
    expect({ ...released, stderr: '' }).toEqual({ code: 0, stdout: `${id} is released\n`, stderr: '' });
    expect(billed()).toEqual([]);
    const again = await showcaller(asked('--clean-up', id), { env: sim.env });
    expect(again.stdout).toContain(`the account lists nothing of ${id}`);
  });

  it('ends at once, with words, when the secret is wrong', async () => {
    const [variable = ''] = Object.keys(sim.env).filter((name) => name.endsWith('SECRET'));
    const env = { ...sim.env, [variable]: 'another-secret-than-the-right-one' };
    const shown = await showcaller(asked('--yes'), { env });
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/allocate .*unauthorized/);
    expect(shown.stdout).not.toContain('NOT RELEASED');
    const cleaned = await showcaller(asked('--clean-up', 'certify-abc'), { env });
    expect(cleaned.code).toBe(1);
    expect(cleaned.stdout).toMatch(/NOT RELEASED: .*unauthorized/);
  });

  it.each(['--out', '--record'])('asks the vendor nothing when %s cannot be written to', async (flag) => {
    const file = join(dir, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await showcaller(asked('--yes', flag, join(file, 'below')), { env: sim.env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('cannot write') });
    expect(kit.log.entries({ vendor })).toEqual([]);
  });

  it.each([`certify-${vendor}-default.json`, `certify-${vendor}-default.md`, `recorded-${vendor}-default.json`])(
    'asks the vendor nothing when %s is a directory',
    async (name) => {
      const taken = mkdtempSync(join(dir, 'taken-'));
      mkdirSync(join(taken, name));
      const flags = ['--yes', '--out', taken, '--record', taken];
      const { code, stderr } = await showcaller(asked(...flags), { env: sim.env });
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`${name}: EISDIR`) });
      expect(kit.log.entries({ vendor })).toEqual([]);
    },
  );

  it('writes what it can when one file cannot be written at the end', async () => {
    const kept = mkdtempSync(join(dir, 'kept-'));
    const process = certify('--yes', '--out', kept, '--record', kept);
    await says(process, 'the encoder connects');
    mkdirSync(join(kept, `certify-${vendor}-default.json`));
    process.kill('SIGTERM');
    expect(await process.ended).toBe(1);
    expect(process.output.stdout).toContain('incomplete (it was ended: SIGTERM)');
    expect(process.output.stderr).toContain(`certify-${vendor}-default.json: EISDIR`);
    expect(readFileSync(join(kept, `certify-${vendor}-default.md`), 'utf8')).toContain('incomplete');
    expect(readFileSync(join(kept, `recorded-${vendor}-default.json`), 'utf8')).toContain('showcaller certify');
    expect(billed()).toEqual([]);
  });

  it.each([
    ['--minutes', '0', 'above 0'],
    ['--minutes', '1441', 'a day'],
    ['--minutes', 'soon', 'a number'],
    ['--minutes', '1', 'do not fit into --minutes 1'],
    ['--seconds', '450', 'do not fit into --minutes 15'],
  ])('asks the vendor nothing with %s %s', async (flag, value, complaint) => {
    const { code, stderr } = await showcaller(asked('--yes', flag, value), { env: sim.env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(complaint) });
    expect(kit.log.entries({ vendor })).toEqual([]);
  });

  it('asks for --yes where there is no terminal', async () => {
    const { code, stderr } = await showcaller(asked(), { env: sim.env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('say --yes') });
    expect(changed()).toEqual([]);
  });

  describe.skipIf(!existsSync('/usr/bin/script'))('in a terminal', () => {
    const typed = (answer: string) => started(asked(), sim.env, { terminal: answer });

    it.each(['no', '', 'y'])('makes nothing when %j is typed', async (answer) => {
      const process = typed(answer);
      expect(await process.ended).toBe(2);
      expect(process.output.stdout).toContain('Type yes to go on');
      expect(process.output.stdout).toContain('nothing was made');
      expect(changed()).toEqual([]);
    });

    it('goes on when yes is typed', async () => {
      const process = typed('yes');
      await until(() => changed().length > 0);
      await until(() => process.output.stdout.includes('starting the channel'));
      process.type('\u0003');
      const code = await process.ended;
      expect(process.output.stdout).toContain('SIGINT: the show ends');
      expect({ code, output: process.output.stdout }).toMatchObject({ code: 1 });
      expect(billed()).toEqual([]);
    });
  });
});
