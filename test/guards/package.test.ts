import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { billOfMaterialsText, releasedPackages } from '../../scripts/bill-of-materials.ts';
import { contentProblems, pathProblems } from '../../scripts/check-package.ts';

const whole = [
  'LICENSE',
  'package.json',
  'docs/openapi.json',
  'docs/plan.schema.json',
  'examples/town-hall.json',
  'dist/api/board/hls.min.js',
  'dist/api/board/hls.min.js.LICENSE',
  'dist/api/board/index.html',
  'dist/cli/main.js',
  'dist/client/index.d.ts',
  'dist/client/index.js',
  'dist/sbom.cdx.json',
  'dist/simulators/kit/fixture.flv',
  'dist/temporal/codec/data-converter.js',
  'dist/temporal/codec/failure-converter.js',
  'dist/worker/workflow-bundle.js',
  'dist/worker/workflow-bundle-encoded-failures.js',
];

describe('the contents of the package', () => {
  it('are what was built, the schemas, the examples, the licence and the pages at the top', () => {
    expect(pathProblems([...whole, 'README.md', 'CHANGELOG.md'])).toEqual([]);
  });

  it.each([
    'cli/main.ts',
    'docs/api.md',
    'examples/viewer.js',
    'dist/client-package/package.json',
    '.env',
    'dist/.env.local',
    'dist/test/support/environment.js',
    'dist/plan/check.test.js',
    'dist/scripts/check.js',
    'dist/vendors/aws-ivs/wire/create-channel.json',
    'dist/worker/server.pem',
  ])('may not hold %s', (path) => {
    expect(pathProblems([...whole, path])).toEqual([`${path} must not be in the package`]);
  });

  it('must hold the command, the client with its types, the codec and the workflow bundles', () => {
    const missing = pathProblems(['LICENSE', 'package.json']);
    expect(missing).toEqual([
      'docs/plan.schema.json is missing from the package',
      'docs/openapi.json is missing from the package',
      'examples/town-hall.json is missing from the package',
      'dist/api/board/hls.min.js is missing from the package',
      'dist/api/board/hls.min.js.LICENSE is missing from the package',
      'dist/api/board/index.html is missing from the package',
      'dist/cli/main.js is missing from the package',
      'dist/client/index.js is missing from the package',
      'dist/client/index.d.ts is missing from the package',
      'dist/sbom.cdx.json is missing from the package',
      'dist/temporal/codec/data-converter.js is missing from the package',
      'dist/temporal/codec/failure-converter.js is missing from the package',
      'dist/worker/workflow-bundle.js is missing from the package',
      'dist/worker/workflow-bundle-encoded-failures.js is missing from the package',
    ]);
  });

  it('may not hold a private key', () => {
    const key = `-----BEGIN RSA PRIVATE ${'KEY'}-----\nMIIEpAIBAAKCAQEAx4fm\n`;
    expect(contentProblems('dist/x.js', key, [])).toEqual(['dist/x.js holds a private key']);
  });

  it('must not reveal where it was built', () => {
    expect(contentProblems('dist/x.js', '"/home/ann/show/cli"', ['/home/ann/show'])).toEqual([
      'dist/x.js names /home/ann/show of this machine',
    ]);
  });

  it('may be ordinary code', () => {
    expect(contentProblems('dist/x.js', 'export const privateKey = 1;', ['/home/ann/show'])).toEqual([]);
  });
});

describe('the bill of materials', () => {
  it('has every package that a release installs or carries, with its checksum, and no other', async () => {
    const text = await billOfMaterialsText();
    const { components } = JSON.parse(text) as { components: Component[] };
    expect(new Set(components.map(({ name, version }) => `${name}@${version}`))).toEqual(await releasedPackages());
    expect(components.filter(({ hashes }) => hashes?.[0]?.alg !== 'SHA-512')).toEqual([]);
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { dependencies: object };
    const shipped = [...Object.keys(dependencies), 'hls.js'];
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(shipped));
    expect(text).toBe(await billOfMaterialsText());
  });
});

interface Component {
  name: string;
  version: string;
  hashes?: { alg: string }[];
}
