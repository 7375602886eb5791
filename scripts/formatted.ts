import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const biome = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url));

/** The text of a file, laid out as the formatter would, so that it never finds fault with what is generated. */
export function formatted(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const formatter = execFile(biome, ['format', `--stdin-file-path=${path}`], (error, stdout) => {
      if (error) reject(new Error(`biome could not format ${path}`, { cause: error }));
      else resolve(stdout);
    });
    formatter.stdin?.end(text);
  });
}
