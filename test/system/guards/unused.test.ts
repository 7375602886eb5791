import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tool } from '../../../scripts/command.ts';
import { type SourceCopy, sourceCopy } from '../../guards/source-copy.ts';

interface Issues {
  issues: { file: string; files?: object[]; exports?: { name: string }[]; dependencies?: { name: string }[] }[];
}

let copy: SourceCopy;
let code: number | null;
let found: Issues['issues'];

beforeAll(async () => {
  copy = await sourceCopy();
  await copy.write('domain/seeded-dead-file.ts', 'export const nobodyReadsThis = 1;\n');
  await copy.append('domain/ids.ts', '\nexport const seededDeadExport = 1;\n');
  const manifest = await copy.read('package.json');
  await copy.write('package.json', manifest.replace('"dependencies": {', '"dependencies": { "left-pad": "1.3.0",'));
  const { stdout, ...ended } = await run(tool('knip'), ['--no-progress', '--reporter', 'json'], { cwd: copy.folder });
  code = ended.code;
  found = (JSON.parse(stdout) as Issues).issues;
});

afterAll(() => copy?.remove());

const issuesOf = (file: string) => found.filter((issue) => issue.file === file);

describe('the search for what is unused', () => {
  it('finds a file that no file imports', () => {
    expect(issuesOf('domain/seeded-dead-file.ts').flatMap(({ files }) => files ?? [])).toHaveLength(1);
  });

  it('finds an export that no file imports', () => {
    const names = issuesOf('domain/ids.ts').flatMap(({ exports }) => exports ?? []);
    expect(names.map(({ name }) => name)).toContain('seededDeadExport');
  });

  it('finds a dependency that no file imports', () => {
    const names = issuesOf('package.json').flatMap(({ dependencies }) => dependencies ?? []);
    expect(names.map(({ name }) => name)).toContain('left-pad');
  });

  it('ends with an error, so that the check fails', () => {
    expect(code).toBe(1);
  });
});
