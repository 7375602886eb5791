import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenLinksOf, pageOf } from '../../scripts/docs-links.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-links-'));
  await writeFile(join(folder, 'target.md'), '# Cues & `plans`\n\n## Twice\n\n## Twice\n\n<a id="here"></a>\n');
  await writeFile(join(folder, 'code.ts'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function brokenIn(markdown: string): Promise<string[]> {
  await writeFile(join(folder, 'page.md'), markdown);
  return brokenLinksOf(folder, ['page.md', 'target.md']);
}

describe('links of the pages', () => {
  it.each([
    ['a page', '[a](target.md)'],
    ['a file that is no page', '[a](code.ts)'],
    ['a folder', '[a](.)'],
    ['a heading with code and a sign in it', '[a](target.md#cues--plans)'],
    ['the second of two headings alike', '[a](target.md#twice-1)'],
    ['an anchor in HTML', '[a](target.md#here)'],
    ['a heading of the same page', '# Here we are\n\n[a](#here-we-are)'],
    ['a path from the root', '[a](/target.md)'],
    ['somewhere else', '[a](https://example.com/x.md#y) <mailto:a@b.example>'],
    ['nothing, because it is code', '`[a](lost.md)`\n\n```\n[a](lost.md)\n```'],
  ])('may lead to %s', async (_what, markdown) => {
    expect(await brokenIn(markdown)).toEqual([]);
  });

  it.each([
    ['a page that is not there', '[a](lost.md)', 'page.md: lost.md: there is no such file'],
    ['a picture that is not there', '![a](lost.png)', 'page.md: lost.png: there is no such file'],
    ['a reference to nowhere', '[a][b]\n\n[b]: lost.md', 'page.md: lost.md: there is no such file'],
    ['a tag that leads nowhere', '<img src="lost.png">', 'page.md: lost.png: there is no such file'],
    ['a heading that is not there', '[a](target.md#lost)', 'page.md: target.md#lost: there is no such heading'],
    ['a heading that this page has not', '[a](#lost)', 'page.md: #lost: there is no such heading'],
    ['a line of a file', '[a](code.ts#L3)', 'page.md: code.ts#L3: only headings of our own pages can be linked to'],
    ['a place outside', '[a](../etc/passwd)', 'page.md: ../etc/passwd: leads out of the project'],
  ])('may not lead to %s', async (_what, markdown, problem) => {
    expect(await brokenIn(markdown)).toEqual([problem]);
  });

  it('are found in a table', () => {
    expect(pageOf('| a |\n| --- |\n| [x](y.md) |\n').links).toEqual(['y.md']);
  });
});
