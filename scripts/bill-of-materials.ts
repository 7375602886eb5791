import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runOrThrow } from './command.ts';

interface Component {
  'bom-ref': string;
  name: string;
  version: string;
}

interface BillOfMaterials {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string; 'bom-ref': string } };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

interface LockEntry {
  version?: string;
  dev?: boolean;
  devOptional?: boolean;
}

/** The file's place in the package and in the image, below `dist`. */
export const billOfMaterials = 'sbom.cdx.json';

/** Shipped as files of ours, so that they are not installed: `carriedFiles` in build-package.ts. */
const carriedPackages = ['node_modules/hls.js'];

/**
 * Every package that a release installs or carries, with version, checksum and licence, from the lockfile, as CycloneDX JSON. The same
 * lockfile gives the same text: no time, no random number, no name of a folder.
 */
export async function billOfMaterialsText(): Promise<string> {
  // Not with --omit=dev: npm 11 then also leaves out what a development tool needs too, zod and tslib among them.
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { serialNumber: _, ...bill } = JSON.parse(await runOrThrow('npm', args, { cwd: root })) as BillOfMaterials;
  const released = await releasedPackages();
  const components = bill.components.filter(({ name, version }) => released.has(`${name}@${version}`));
  const { component } = bill.metadata;
  component.name = 'showcaller';
  delete bill.metadata.timestamp;
  const refs = new Set([component['bom-ref'], ...components.map((part) => part['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return `${JSON.stringify({ ...bill, components, dependencies }, null, 2)}\n`;
}

/** `name@version` of everything that `npm ci --omit=dev` may install, and of what is carried. */
export async function releasedPackages(): Promise<Set<string>> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const released = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => carriedPackages.includes(path) || (path && !dev && !devOptional),
  );
  return new Set(released.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`));
}
