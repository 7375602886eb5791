import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import { complaintAbout } from '../../scripts/command-lines.ts';

const text = (file: string): string => readFileSync(join(root, file), 'utf8');

/** One instruction each: continued lines joined, comments left out. */
const instructionsOf = (dockerfile: string): string[] =>
  dockerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** What makes an image worse than it could be. */
function faultsOf(dockerfile: string): string[] {
  const instructions = instructionsOf(dockerfile);
  const froms = instructions.filter((line) => line.startsWith('FROM '));
  const last = instructions.slice(instructions.lastIndexOf(froms.at(-1) ?? ''));
  const found: string[] = [];
  const expectOf = (holds: boolean, fault: string) => {
    if (!holds) found.push(fault);
  };
  expectOf(froms.length > 1, 'the stage that builds is the one that runs');
  for (const from of froms)
    expectOf(/:\d+\.\d+\S*@sha256:[0-9a-f]{64}( |$)/.test(from), `${from}: no exact version with its digest`);
  expectOf(!instructions.some((line) => line.startsWith('ADD ')), 'ADD also fetches and unpacks: use COPY');
  expectOf(
    !last.some((line) => /^COPY (?!--from=)/.test(line)),
    'the image takes files from the folder it is built in',
  );
  const user = last.filter((line) => line.startsWith('USER ')).at(-1);
  expectOf(/^USER [1-9]\d*$/.test(user ?? ''), 'runs as root, or as a user without a number');
  const run = last.findIndex((line) => line.startsWith('ENTRYPOINT '));
  expectOf(run > last.indexOf(user ?? ''), 'the user is chosen too late');
  for (const kind of ['ENTRYPOINT', 'CMD'])
    expectOf(
      last.some((line) => line.startsWith(`${kind} [`)),
      `${kind} runs in a shell, which passes no signal on`,
    );
  expectOf(
    last.some((line) => line.startsWith('HEALTHCHECK ')),
    'is not asked whether it is well',
  );
  expectOf(!instructions.some((line) => /^(ENV|ARG) .*(TOKEN|SECRET|PASSWORD|_KEY)/.test(line)), 'holds a secret');
  const pruned = instructions.some((line) => line.includes('npm run slim'));
  expectOf(pruned && instructions.some((line) => line.includes('npm ci')), 'has packages that the lock does not name');
  return found;
}

const dockerfile = text('Dockerfile');

describe('the image', () => {
  it('is as it should be', () => {
    expect(faultsOf(dockerfile)).toEqual([]);
  });

  it.each([
    ['USER 1000', 'USER root', 'runs as root'],
    ['USER 1000', '', 'runs as root'],
    ['node:24.18.0-bookworm-slim', 'node:latest', 'no exact version'],
    [/@sha256:\w+/.exec(dockerfile)?.[0] ?? '', '', 'with its digest'],
    ['COPY --from=build /app/dist', 'ADD https://example.com/dist.tgz', 'use COPY'],
    ['COPY --from=build /app/dist', 'COPY dist', 'takes files from the folder'],
    ['ENTRYPOINT ["node", "dist/cli/main.js"]', 'ENTRYPOINT node dist/cli/main.js', 'in a shell'],
    ['HEALTHCHECK', 'ENV A=', 'not asked whether it is well'],
    ['ARG VERSION=unreleased', 'ARG NPM_TOKEN', 'holds a secret'],
    ['npm run slim', 'npm audit', 'packages that the lock does not name'],
  ])('would be refused with %j as %j', (good, bad, fault) => {
    expect(dockerfile).toContain(good);
    expect(faultsOf(dockerfile.replaceAll(good, bad)).join('\n')).toContain(fault);
  });

  it.each([['worker'], ['setup'], ['sim'], ['api'], ['codec', 'serve']])('can run %s %s', async (...args) => {
    expect(await complaintAbout(args)).toBeUndefined();
  });

  it('takes neither secrets nor what was installed elsewhere from the folder it is built in', () => {
    const ignored = text('.dockerignore').split('\n');
    expect(ignored).toEqual(
      expect.arrayContaining(['.env*', '*.env', 'api-tokens.json', '.git', 'node_modules', 'dist']),
    );
  });
});
