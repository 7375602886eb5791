import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runOrThrow } from './command.ts';

/** Where the retired words stand, each with what to write instead. */
const glossary = 'docs/glossary.md';

/** Files that are not read: quoted, generated from what is read, or of the past. */
const unread =
  /^(docs\/(glossary\.md|adr\/|images\/|openapi\.json|plan\.schema\.json)|CHANGELOG\.md|LICENSE|package-lock\.json|test\/histories\/|test\/contract\/(models|recorded)\/|scripts\/words\.ts$|test\/guards\/words\.test\.ts$)/;
const text = /\.(cjs|css|html|js|json|md|sh|tpl|ts|txt|ya?ml)$|^(Dockerfile|\.ci\/)/;

interface Exception {
  /** What may stand, as it stands. */
  pattern: RegExp;
  reason: string;
  /** Only in these files. */
  files?: RegExp;
}

/** Public names, words of others, and aliases. */
const exceptions: readonly Exception[] = [
  { pattern: /showcaller_hub_\w+/g, reason: 'metric names' },
  { pattern: /\bencoderHub\b|encoder-hub/g, reason: 'workflow type and id of the poller' },
  { pattern: /\bhints\b/g, reason: 'field of the status' },
  { pattern: /PRELOAD-HINT/g, reason: 'tag of HLS' },
  { pattern: /\bnoHints\b/g, reason: 'argument of watchEncoder, in histories' },
  { pattern: /\btold\b/g, reason: 'former field of the answer to vendor events', files: /vendor-events(\.test)?\.ts$/ },
  { pattern: /\btold\b/g, reason: 'name of a golden history', files: /^scripts\/golden-scenes\.ts$/ },
  { pattern: /'tell'|`tell`/g, reason: 'signal of liveEventNotices' },
  { pattern: /\btellsIngest\b/g, reason: 'field of GET /v1/me' },
  { pattern: /\bliveEventNotices\b|live-event-notices/g, reason: 'workflow type and id of webhook delivery' },
  { pattern: /notices-capped|'notices'|-notices\b/g, reason: 'warning, kind of trouble, name of a golden history' },
  { pattern: /ShowcallerNoticesUndelivered/g, reason: 'name of an alert' },
  {
    pattern: /\b(notice|notices|receivers?)\b(?=\??:|[,)}\][]|\.| \})/g,
    reason: 'fields of arguments, plans and reports in histories',
  },
  { pattern: /findOrphans|releaseOrphan\b|showcaller_sweep_orphans/g, reason: 'activities, metric' },
  { pattern: /\borphans\b/g, reason: 'field of the sweep report' },
  {
    pattern: /--pace\b|SHOWCALLER_PACE|\bpace\b/g,
    reason: 'flag and variable',
    files:
      /^(cli|worker\/config|docs|deploy|README|docker-compose|test\/support|test\/system\/(board|chart|crashes)|bench)/,
  },
  { pattern: /--proof-patience\b|\bproofPatience(?:Ms)?\b/g, reason: 'flag' },
  { pattern: /[jJ]udge\w*/g, reason: 'verb of the proof', files: /^activities\/proof\// },
  {
    pattern: /lifecycleStage|LifecycleStage|LIFECYCLE_STAGE|\bStage\b|\bstages?\b/g,
    reason: 'Temporal: how far an update is',
    files: /^test\/simulation\//,
  },
  { pattern: /\bwaitForStage\b/g, reason: "option of Temporal's client" },
  { pattern: /\bstage\b/g, reason: 'a stage of the image', files: /^(test\/guards\/image|docs\/security|Dockerfile)/ },
  { pattern: /quotation marks?|byte order mark|question mark/g, reason: 'characters' },
  { pattern: /\bmarkSlotUsed\b/g, reason: "method of Temporal's slots" },
  { pattern: /GitHub/g, reason: 'name' },
  { pattern: /nobody-ran/g, reason: 'value of a metric label' },
  { pattern: /adr\/[\w-]+\.md/g, reason: 'file names of decisions' },
  { pattern: /"whoever"/g, reason: 'quoted in the rule of prose', files: /^CONTRIBUTING/ },
];

interface Retired {
  word: string;
  instead: string;
}

/** Retired words in names, file names, messages, comments and docs. */
export async function retiredWords(): Promise<string[]> {
  const retired = retiredIn(await readFile(join(root, glossary), 'utf8'));
  const listed = await runOrThrow('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root });
  const files = [...new Set(listed.split('\n'))].filter((file) => file !== '' && !unread.test(file));
  const found = await Promise.all(
    files.map(async (file) => {
      const content = text.test(file) ? await readFile(join(root, file), 'utf8').catch(() => '') : '';
      return [
        ...wordsIn(file, file, retired),
        ...content.split('\n').flatMap((line, i) => wordsIn(line, file, retired, i + 1)),
      ];
    }),
  );
  return found.flat();
}

/** The words of the glossary's last table. */
export function retiredIn(page: string): Retired[] {
  const table = page.slice(page.indexOf('## Retired words'));
  const rows = [...table.matchAll(/^\| ([a-z, ]+?) +\| (.+?) +\|$/gm)].filter(([, words]) => words !== 'retired');
  return rows.flatMap(([, words = '', instead = '']) => words.split(', ').map((word) => ({ word, instead })));
}

/** Tests may call an event or a key `nobody`. */
const inTests = new Set(['nobody', 'anybody', 'somebody', 'everybody', 'whoever']);

export function wordsIn(line: string, file: string, retired: readonly Retired[], at?: number): string[] {
  const rest = exceptions
    .filter(({ files }) => files?.test(file) ?? true)
    .reduce((left, { pattern }) => left.replaceAll(pattern, ''), line);
  const parts = new Set(
    rest
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z]+/),
  );
  return retired
    .filter(({ word }) => parts.has(word) && !(file.startsWith('test/') && inTests.has(word)))
    .map(({ word, instead }) => `${file}${at === undefined ? '' : `:${at}`}: "${word}": write ${instead}`);
}
