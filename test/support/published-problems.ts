import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Published } from './published-types.ts';

/** Never written: the compiler reads it from here, at a place from which packages are found. */
const fileName = fileURLToPath(new URL('./published-value.ts', import.meta.url));

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
};

/** What the compiler says of JSON values as literals of such a type: what is missing, wrong, or no field of it at all. */
export function problemsAgainst(type: keyof Published, values: readonly unknown[]): string[] {
  const lines = values.map((value, at) => `export const v${at}: Published['${type}'] = ${JSON.stringify(value)};`);
  const text = ["import type { Published } from './published-types.ts';", ...lines].join('\n');
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...more) =>
    name === fileName ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more);
  host.fileExists = (name) => name === fileName || fileExists(name);
  host.readFile = (name) => (name === fileName ? text : readFile(name));
  const program = ts.createProgram([fileName], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '; '));
}
