import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const memory = new URL('../../../worker/memory.ts', import.meta.url).href;
/** In a process of its own, because the settings are those of a process. */
const answerOf = (what: string) => {
  const code = `import { useLittleMemory } from ${JSON.stringify(memory)}; ${what}`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { stdout: stdout.trim(), stderr, status };
};
const kept = "console.log(Buffer.from('x'.repeat(900)).buffer.byteLength);";

describe('the memory of a worker', () => {
  it('keeps no more for an answer than the answer has', () => {
    expect(Number(answerOf(kept).stdout)).toBeGreaterThan(900);
    expect(answerOf(`useLittleMemory(); ${kept}`).stdout).toBe('900');
  });

  it('is set by options that this Node knows', () => {
    expect(answerOf('useLittleMemory()')).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});
