import type { LegStart } from '../../../domain/plan.ts';
import { vendors } from '../../../vendors/registry.ts';
import { type Death, steps } from './legs-harness.ts';

/** What may be wrong with vendor A, in words. */
export const deaths: readonly (readonly [string, Death])[] = [
  ['answers nothing', { kind: 'answers', with: 'not-yet', methods: ['allocate'] }],
  ['answers 5xx', { kind: 'answers', with: 'unavailable', methods: steps }],
  ['loses its picture', { kind: 'loses-picture' }],
  ['loses its recording', { kind: 'loses-recording' }],
  ...steps.map((method) => [`refuses ${method}`, { kind: 'answers', with: 'unavailable', methods: [method] }] as const),
  ...(['allocate', 'start', 'createOutput'] as const).map(
    (method) => [`forbids ${method}`, { kind: 'refuses', method, with: 'unauthorized' }] as const,
  ),
];

const names = vendors.map(({ name }) => name);
/** All ordered pairs of vendors. */
export const pairs = names.flatMap((a) => names.filter((b) => b !== a).map((b) => [a, b] as const));

/** A leg that is held back begins too late to have what a recording that is lost had. */
export const startFor = ({ kind }: Death): LegStart => (kind === 'loses-recording' ? 'with-event' : 'on-failure');
