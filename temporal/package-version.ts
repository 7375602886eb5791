import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version of this package; one folder up from the sources, two from what was compiled. */
export function packageVersion(): string {
  const places = ['../package.json', '../../package.json'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = places.find((path) => existsSync(path));
  return found ? (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version : '0';
}
