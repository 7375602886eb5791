import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import { brokenLinksOf, pageOf } from '../../scripts/docs-links.ts';
import { vendors } from '../../vendors/registry.ts';

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

/** The paths in the table of CONTRIBUTING that are not there; a name without a folder stands beside the one before it. */
function lostPaths(section: string): string[] {
  const vendorNames = vendors.map(({ name }) => name);
  return section.split('\n').flatMap((row) => {
    let folder = '';
    return [...row.matchAll(/`([^`]+)`/g)].flatMap(([, path = '']) => {
      const whole = path.includes('/') || path.startsWith('.') ? path : `${folder}/${path}`;
      if (path.includes('/')) folder = path.replace(/\/[^/]*$/, '');
      const all = whole.includes('<vendor>') ? vendorNames.map((name) => whole.replace('<vendor>', name)) : [whole];
      return all.filter((one) => !existsSync(join(root, one)));
    });
  });
}

it('names files that are there, in CONTRIBUTING’s “Which file do I change for …”', async () => {
  const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
  const [, section = ''] = /## Which file do I change for …\n([\s\S]*?)\n## /.exec(text) ?? [];
  expect(section.match(/`/g)?.length).toBeGreaterThan(60);
  expect(lostPaths(section)).toEqual([]);
  expect(lostPaths(section.replaceAll('timeline.ts', 'time-line.ts'))).toEqual(['domain/time-line.ts']);
  expect(lostPaths('| x | `vendors/<vendor>/sdk.ts`, `gone.ts` |')).toHaveLength(vendors.length);
});
