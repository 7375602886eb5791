import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import { type FaultTest, faultRows } from '../contract/recorded/faults.ts';
import { eachNode, rootOf } from './calls.ts';

interface Titles {
  /** Of the tests that run. */
  tests: Set<string>;
  texts: string;
}

function titlesIn(source: string): Titles {
  const tests = new Set<string>();
  eachNode(source, (node) => {
    if (!ts.isCallExpression(node)) return;
    const { name, modifiers } = rootOf(node.expression);
    const [title] = node.arguments;
    const runs = (name === 'it' || name === 'test') && !modifiers.some((one) => one === 'skip' || one === 'todo');
    if (runs && title && ts.isStringLiteralLike(title)) tests.add(title.text);
  });
  return { tests, texts: source };
}

/** What is not there of what a row names. */
async function missing({ file, title, with: one }: FaultTest): Promise<string | undefined> {
  const source = await readFile(join(root, file), 'utf8').catch(() => undefined);
  if (source === undefined) return `${file} is not there`;
  const { tests, texts } = titlesIn(source);
  if (!tests.has(title)) return `${file} has no test "${title}"`;
  return one === undefined || texts.includes(one) ? undefined : `${file} has no case "${one}" of "${title}"`;
}

describe('the faults that simulators had', () => {
  it('each have a test that is there', async () => {
    const named = faultRows.flatMap(({ fault, what, tests }) => tests.map((test) => ({ fault, what, test })));
    const found = await Promise.all(
      named.map(async ({ fault, what, test }) => {
        const lacks = await missing(test);
        return lacks === undefined ? [] : [`${fault}, ${what}: ${lacks}`];
      }),
    );
    expect(found.flat()).toEqual([]);
    expect(faultRows.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it('are of every kind that was found', () => {
    expect([...new Set(faultRows.map(({ fault }) => fault))]).toEqual(['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8']);
  });

  it.each([
    ['a file that is not there', { file: 'test/none.test.ts', title: 'x' }, 'is not there'],
    ['a title of no test', { file: 'test/contract/codecs.test.ts', title: '$name' }, 'has no test'],
    [
      'a case that no table has',
      {
        file: 'test/contract/codecs.test.ts',
        title: 'goes on over a damaged message, and says what it left out',
        with: 'DTS',
      },
      'has no case',
    ],
  ])('cannot be said to be tested by %s', async (_what, test, complaint) => {
    expect(await missing(test)).toContain(complaint);
  });

  it('cannot be said to be tested by a test that never runs', () => {
    const { tests } = titlesIn("it.skip('a', f); it.concurrent.each(t)('b %s', f); test('c', f); it.todo('d');");
    expect([...tests]).toEqual(['b %s', 'c']);
  });
});
