import { XMLParser } from 'fast-xml-parser';
import type { RecordedExchange, RecordedShow } from '../../../certify/record.ts';

/** What was answered to one kind of request with one status, over a whole show. */
interface Answers {
  /** Of the headers that decide what a client does. */
  headers: Set<string>;
  /** By the place of a member: what stood there. */
  members: Map<string, Set<string>>;
}

const xml = new XMLParser({ parseTagValue: true });
/** Names of placeholders are given in the order in which they come, which is another in each show. */
const withoutNames = (text: string): string => text.replace(/\{(\w+):\w+\}/g, '{$1}');
/** What differs from show to show: the event, instants, counts. */
const general = (text: string): string =>
  withoutNames(text)
    .replace(/sc-certify-[0-9a-z]+(?:-[0-9a-f]+)?/g, '{channel}')
    .replace(/certify-[0-9a-z]+/g, '{event}')
    .replace(/\d+/g, '#');
/** Addresses of players: media is no part of a record. */
const isMedia = (request: string): boolean => /\.m3u8|\.ism\//.test(request);
/** The folders of a recording have names of the vendor's making. */
const requestOf = (request: string): string =>
  general(request).replace(/(?<=\{recordingBucket\}\/)\S+/, (rest) =>
    rest.startsWith('?') ? '?list' : (rest.split('?')[0]?.split('/').at(-1) ?? ''),
  );

/** Words are states, types and codes; texts with anything else in them are names, addresses and sentences. */
const isWord = (text: string): boolean => /^[A-Za-z]{1,40}$/.test(text);

/**
 * Holds a recorded show against the same show on a simulator, with an encoder and by the vendor's own SDK, and says where the
 * simulator answers otherwise: a status, a header, a member, a type or a word that one side has and the other has not. How
 * often, in which order and whether something is asked is the driver's matter, and no difference.
 */
export function differencesOfShows(recorded: RecordedShow, simulated: RecordedShow): string[] {
  const [there, here] = [answersOf(recorded.exchanges), answersOf(simulated.exchanges)];
  return [...there].flatMap(([request, answers]) => {
    const own = here.get(request);
    return own ? compared(request, answers, own) : [`${request}: the simulator never answered so`];
  });
}

function answersOf(exchanges: readonly RecordedExchange[]): Map<string, Answers> {
  const all = new Map<string, Answers>();
  for (const { request, status, headers, answer } of exchanges) {
    if (isMedia(request)) continue;
    const key = `${requestOf(request)} ${status}`;
    const answers = all.get(key) ?? { headers: new Set(), members: new Map() };
    all.set(key, answers);
    for (const name of Object.keys(headers)) answers.headers.add(name);
    note(answers.members, '', typeof answer === 'string' && answer.startsWith('<') ? xml.parse(answer) : answer);
  }
  return all;
}

function note(members: Map<string, Set<string>>, path: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) note(members, path, one);
    return;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) note(members, `${path}.${general(name)}`, inner);
    return;
  }
  const seen = members.get(path) ?? new Set();
  members.set(path, seen.add(kindOf(value)));
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return isWord(value) ? `"${value}"` : 'text';
  return value === null || typeof value === 'boolean' ? String(value) : typeof value;
}

function compared(request: string, there: Answers, here: Answers): string[] {
  const differing = (what: string, one: Iterable<string>, other: { has(name: string): boolean }, words: string) =>
    [...one].filter((name) => !other.has(name)).map((name) => `${request} ${what}${name}: ${words}`);
  return [
    ...differing('header ', there.headers, here.headers, 'missing'),
    ...differing('header ', here.headers, there.headers, 'never sent'),
    ...differing('', there.members.keys(), here.members, 'missing'),
    ...differing('', here.members.keys(), there.members, 'never sent'),
    ...[...there.members].flatMap(([path, kinds]) =>
      [...kinds]
        .filter((kind) => here.members.get(path)?.has(kind) === false)
        .map((kind) => `${request} ${path}: ${kind}, here ${[...(here.members.get(path) ?? [])].join(' or ')}`),
    ),
  ];
}
