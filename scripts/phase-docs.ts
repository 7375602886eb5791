import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { actionNames } from '../domain/actions.ts';
import {
  acceptsEncoder,
  isBeforeStop,
  isClosingDown,
  isOver,
  type Phase,
  phases,
  phasesAfter,
} from '../domain/phases.ts';
import { openStatuses } from '../domain/run-status.ts';
import { inPhases } from '../domain/search-attributes.ts';
import { cueTexts } from '../domain/timeline.ts';
import { formatted } from './formatted.ts';

type Group = (phase: Phase | undefined) => boolean;

/** In the words of the people who watch a show. The compiler demands every phase. */
const meanings: Record<Phase, string> = {
  scheduled: 'the run waits for the time to allocate; it has made nothing at the vendor',
  allocating: 'the vendor makes the channel; then the run waits for the time to open it',
  starting: 'the vendor opens the channel to encoders',
  'creating-output': 'the vendor prepares the recording',
  'waiting-for-encoder': 'the channel is open and recording; no encoder has connected yet',
  live: 'the encoder is connected, or an operator has skipped the wait for it',
  'encoder-lost': 'the encoder is gone; the show ends when it is seen to be away after `waits.encoderLost`',
  stopping: 'the vendor closes the channel',
  'publishing-vod':
    'the recording is published and proved; where it does not need the channel, the clean-up runs beside it',
  'cleaning-up': 'the vendor deletes what it bills',
  completed: 'the run ended as it should',
  failed: 'the run ended with a failure; the end reason says which',
  cancelled: 'the run was cancelled',
};

const groups: { name: string; group: Group; about: string }[] = [
  { name: 'isBeforeStop', group: isBeforeStop, about: 'The show can still be stopped or extended.' },
  { name: 'acceptsEncoder', group: acceptsEncoder, about: 'The vendor accepts the encoder, and the run watches it.' },
  { name: 'isClosingDown', group: isClosingDown, about: 'The run stops, publishes or cleans up.' },
  { name: 'isOver', group: isOver, about: 'The run has ended.' },
];

const membersOf = (group: Group): readonly Phase[] => phases.filter(group);

/** `docs/phases.md`. */
export function phasesPage(): Promise<string> {
  const table = phases.map(
    (phase) => `| \`${phase}\` | ${meanings[phase]} | ${phasesAfter(phase).join(', ') || '—'} |`,
  );
  const queries = groups.map(({ group, about }) => `| ${about} | \`${inPhases(group)}\` |`);
  const parts = [
    '<!-- Generated from domain/phases.ts by `npm run generate`. -->',
    '# Phases of a run',
    'The phase is in `status`, in lists, in the search attribute `ShowcallerPhase` and in webhooks. Why a run ended is its end reason: [operations.md](operations.md#why-it-ended).',
    diagram(),
    `| phase | meaning | then |\n| --- | --- | --- |\n${table.join('\n')}`,
    '## Queries',
    'For `showcaller list --query`, the `temporal` command and the Temporal UI:',
    `| events | query |\n| --- | --- |\n${queries.join('\n')}`,
  ];
  return formatted('docs/phases.md', `${parts.join('\n\n')}\n`);
}

/** Mermaid takes no hyphen in the id of a state. */
const stateOf = (phase: Phase): string => phase.replaceAll('-', '_');

function diagram(): string {
  const hyphenated = phases.filter((phase) => phase.includes('-'));
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...hyphenated.map((phase) => `  state "${phase}" as ${stateOf(phase)}`),
    '  [*] --> scheduled',
    ...phases.flatMap((from) => phasesAfter(from).map((to) => `  ${stateOf(from)} --> ${stateOf(to)}`)),
    ...membersOf(isOver).map((phase) => `  ${stateOf(phase)} --> [*]`),
    '```',
  ].join('\n');
}

/** The functions of a module without imports, as JavaScript, each with the type that it has there. */
function functionsOf(path: string): string {
  const source = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  return outputText
    .replace(/^\/\*\*/gm, '\n$&')
    .replace(/^export const (\w+)/gm, `/** @type {typeof import('../../${path}').$1} */\n$&`);
}

/** `api/board/phases.js`: groups, what was seen, cues and names of actions for the board, which is served as it is written. */
export function boardPhases(): Promise<string> {
  const lines = groups.flatMap(({ name, group, about }) => [
    `/** ${about} */`,
    `export const ${name} = group(${membersOf(group)
      .map((phase) => `'${phase}'`)
      .join(', ')});`,
    '',
  ]);
  const text = [
    '// Generated from phases.ts, run-status.ts, seen.ts, timeline.ts and actions.ts in domain/ by `npm run generate`.',
    '',
    "/** @typedef {import('../../domain/phases.ts').Phase} Phase */",
    '',
    '/** @param {Phase[]} members */',
    'const group =',
    '  (...members) =>',
    '  /** @param {Phase | undefined} phase */',
    '  (phase) => phase !== undefined && members.includes(phase);',
    '',
    ...lines,
    `/** Whether a run has not ended. @param {string} workflowStatus */`,
    `export const goesOn = (workflowStatus) => ${JSON.stringify(openStatuses)}.includes(workflowStatus);`,
    '',
    functionsOf('domain/seen.ts'),
    '/** What happens at each cue; `{when}` is its instant. */',
    `export const cueTexts = ${JSON.stringify(cueTexts)};`,
    '',
    '/** What people call an action, as commands and routes are named; by its name in the run. */',
    '/** @type {Readonly<Record<string, string>>} */',
    `export const actionNames = ${JSON.stringify(actionNames)};`,
    '',
  ].join('\n');
  return formatted('api/board/phases.js', text);
}
