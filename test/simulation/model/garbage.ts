/** Arguments no honest client sends, and what the refusal must say. None of them may be taken for an action. */

type Row = readonly [what: string, args: readonly unknown[], refusal: RegExp];

const huge = 'x'.repeat(100_000);
const by = { by: 'tester', reason: 'the test says so' };

/** Wrong for every update: it does not say who acts and why. */
export const namelessActions: readonly Row[] = [
  ['no argument at all', [], /needs \{ by, reason \}/],
  ['undefined', [undefined], /needs \{ by, reason \}/],
  ['null', [null], /needs \{ by, reason \}/],
  ['a number', [7], /needs \{ by, reason \}/],
  ['a text', ['stop'], /needs \{ by, reason \}/],
  ['true', [true], /needs \{ by, reason \}/],
  ['a list', [[by]], /by must say who/],
  ['an empty object', [{}], /by must say who/],
  ['by as a number', [{ ...by, by: 1 }], /by must say who/],
  ['by as an object', [{ ...by, by: { toString: 'x' } }], /by must say who/],
  ['by as a list', [{ ...by, by: ['tester'] }], /by must say who/],
  ['blanks for by', [{ ...by, by: ' \t\n ' }], /by must say who/],
  ['one character too many for by', [{ ...by, by: 'x'.repeat(501) }], /by must say who acts, in at most 500/],
  ['a huge by', [{ ...by, by: huge }], /by must say who/],
  ['no reason', [{ by: 'tester' }], /reason must say why/],
  ['reason as null', [{ ...by, reason: null }], /reason must say why/],
  ['an empty reason', [{ ...by, reason: '' }], /reason must say why/],
  ['a huge reason', [{ ...by, reason: huge }], /reason must say why, in at most 500/],
  ['by inherited', [JSON.parse('{"__proto__":{"by":"x","reason":"y"}}')], /by must say who/],
  ['keys of every object', [JSON.parse('{"constructor":{"prototype":{"by":"x"}},"reason":"y"}')], /by must say who/],
];

/** Wrong for any instant. */
export const timelessInstants: readonly Row[] = (
  [
    ['no instant', undefined],
    ['null', null],
    ['epoch milliseconds', 1_800_000_000_000],
    ['an object', { toString: '2027-01-01T00:00:00Z' }],
    ['a list', ['2027-01-01T00:00:00Z']],
    ['an empty text', ''],
    ['a word', 'tomorrow'],
    ['a local time', '2027-01-01T00:00:00'],
    ['a day', '2027-01-01'],
    ['a day no calendar has', '2027-02-30T00:00:00Z'],
    ['an impossible offset', '2027-01-01T00:00:00+15:00'],
    ['the name of an inherited key', '__proto__'],
    ['a huge text', huge],
    ['a text that is an instant until its end', `2027-01-01T00:00:00Z${' '.repeat(1000)}x`],
  ] as const
).map(([what, value]) => [what, [value], /must be an ISO 8601 instant/] as const);

/** Payloads whose content no converter can read. */
export const unreadablePayloads = [
  ['text that is not JSON', 'json/plain', '{"by":'],
  ['an unknown encoding', 'binary/unheard-of', '{}'],
  ['bytes', 'binary/plain', '\u0000\u0001'],
] as const;
