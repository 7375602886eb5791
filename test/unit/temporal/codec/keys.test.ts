import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { keyRingFrom, newKeyLine } from '../../../../temporal/codec/keys.ts';

const keyOf = (bytes: number) => randomBytes(bytes).toString('base64');
const ring = (keys: string) => keyRingFrom({ SHOWCALLER_CODEC_KEYS: keys });

describe('the keys of the codec', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'showcaller-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are none where nothing is set, and then nothing is encrypted', () => {
    expect(keyRingFrom({})).toBeUndefined();
    expect(keyRingFrom({ SHOWCALLER_CODEC_KEYS: '' })).toBeUndefined();
  });

  it('are read from a variable, the first of them active', () => {
    const keys = ring(`2026-11:${keyOf(32)}, 2026-05:${keyOf(32)}`);
    expect(keys?.active.id).toBe('2026-11');
    expect(keys?.ids).toEqual(['2026-11', '2026-05']);
    expect(keys?.get('2025')).toBeUndefined();
  });

  it('are read from a file with remarks, as the command makes them', async () => {
    const file = join(folder, 'keys');
    await writeFile(file, `# of this year\n${newKeyLine('new')}\n\n# of last year\n${newKeyLine('old')}\n`);
    expect(keyRingFrom({ SHOWCALLER_CODEC_KEYS_FILE: file })?.ids).toEqual(['new', 'old']);
  });

  it('of a file are those that it holds now, without a restart', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const file = join(folder, 'rotated');
    const [older, newer] = [newKeyLine('older'), newKeyLine('newer')];
    await writeFile(file, older);
    const keys = keyRingFrom({ SHOWCALLER_CODEC_KEYS_FILE: file });
    await writeFile(file, `${older}\n${newer}`);
    vi.advanceTimersByTime(2_000);
    expect([keys?.active.id, keys?.get('newer')?.id]).toEqual(['older', 'newer']);
    await writeFile(file, `${newer}\n${older}`);
    vi.advanceTimersByTime(2_000);
    expect([keys?.active.id, keys?.ids]).toEqual(['newer', ['newer', 'older']]);
  });

  it('are refused with all that is wrong with them, and without their bytes', () => {
    const short = keyOf(16);
    const twice = keyOf(32);
    const bad = ['no-colon', 'white space:x', `short:${short}`, 'odd:not*base64', `a:${twice}`, `a:${twice}`];
    const refused = () => ring(bad.join('\n'));
    expect(refused).toThrow('5 problems');
    for (const words of ['key 1', 'key 2', 'key 3 (short) has 16 bytes, not 32', 'key 4', 'key 6 repeats the id a'])
      expect(refused).toThrow(words);
    for (const secret of [short, twice, 'not*base64']) {
      const printed = attempt(refused);
      expect(printed.includes(secret)).toBe(false);
    }
  });

  it('that are set to nothing are refused: encryption was wanted', async () => {
    const file = join(folder, 'empty');
    await writeFile(file, '# later\n');
    expect(() => keyRingFrom({ SHOWCALLER_CODEC_KEYS_FILE: file })).toThrow('holds no key');
    expect(() => keyRingFrom({ SHOWCALLER_CODEC_KEYS_FILE: `${file}-not-there` })).toThrow('ENOENT');
    expect(() => keyRingFrom({ SHOWCALLER_CODEC_KEYS_FILE: file, SHOWCALLER_CODEC_KEYS: newKeyLine('a') })).toThrow(
      'both set',
    );
  });

  it('print nothing into a log', () => {
    const line = newKeyLine('a');
    const [, encoded = ''] = line.split(':');
    const printed = inspect(ring(line), { depth: 9, showHidden: true }) + JSON.stringify(ring(line));
    expect(printed).not.toContain(encoded);
    expect(printed).not.toContain(Buffer.from(encoded, 'base64').toString('hex').slice(0, 12));
  });

  it('cannot be named so that they could not be read again', () => {
    for (const id of ['', 'a:b', 'a,b', 'a b', '-a', 'x'.repeat(65)]) expect(() => newKeyLine(id)).toThrow('key id');
  });

  it('can be required, and then must be there', () => {
    const keys = newKeyLine('a');
    const ringOf = (required: string) =>
      keyRingFrom({ SHOWCALLER_CODEC_KEYS: keys, SHOWCALLER_CODEC_REQUIRED: required });
    expect(ringOf('true')?.required).toBe(true);
    expect(ringOf('false')?.required).toBe(false);
    expect(ringOf('')?.required).toBe(false);
    expect(() => ringOf('yes')).toThrow('SHOWCALLER_CODEC_REQUIRED: must be true or false');
    expect(() => keyRingFrom({ SHOWCALLER_CODEC_REQUIRED: 'true' })).toThrow(
      'SHOWCALLER_CODEC_REQUIRED: needs SHOWCALLER_CODEC_KEYS or SHOWCALLER_CODEC_KEYS_FILE',
    );
  });
});

function attempt(work: () => unknown): string {
  try {
    return String(work());
  } catch (error) {
    return inspect(error);
  }
}
