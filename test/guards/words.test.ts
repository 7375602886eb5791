import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import { retiredIn, retiredWords, wordsIn } from '../../scripts/words.ts';

let retired: ReturnType<typeof retiredIn>;
beforeAll(async () => {
  retired = retiredIn(await readFile(join(root, 'docs/glossary.md'), 'utf8'));
});

const found = (line: string, file = 'domain/seeded.ts') => wordsIn(line, file, retired, 7);

describe('the retired words', () => {
  it('stand in the glossary, each with what to write', () => {
    expect(retired.length).toBeGreaterThan(30);
    expect(retired).toContainEqual({ word: 'hub', instead: 'poller' });
  });

  it.each([
    ['an identifier', 'const hubDoor = 1;', ['door', 'hub']],
    ['a type', 'interface HintDoor {}', ['door', 'hint']],
    ['a message', "throw new Error('the hook was told');", ['told']],
    ['a test', "it('is judged by the judge on stage', …)", ['judge', 'stage']],
    ['a comment', '// Nobody tells the receiver of it', ['receiver', 'tells', 'nobody']],
  ])('are refused in %s', (_what, line, words) => {
    expect(found(line).map((text) => /"(\w+)"/.exec(text)?.[1])).toEqual(expect.arrayContaining(words));
  });

  it('are refused in the name of a file, with what to write instead', () => {
    expect(wordsIn('workflows/hub.ts', 'workflows/hub.ts', retired)).toEqual(['workflows/hub.ts: "hub": write poller']);
  });

  it.each([
    ['a metric', 'showcaller_hub_ticks'],
    ['a workflow type', 'encoderHub liveEventNotices'],
    ['an activity', 'findOrphans releaseOrphan'],
    ['a field of histories', 'deliver({ receiver: name, notice: message })'],
    ['a word that only contains one', 'GitHub benchmark space landmark'],
  ])('may stand in %s', (_what, line) => {
    expect(found(line)).toEqual([]);
  });

  it('stand nowhere else', async () => {
    expect(await retiredWords()).toEqual([]);
  });
});
