import { expect, it } from 'vitest';
import { isClosed, type Playback, playbackTexts, unsigned } from '../../../domain/playback.ts';

it('says each address on a line, what it needs, and what must be done first', () => {
  const hls = 'https://edge.example/a.m3u8';
  expect(
    playbackTexts({ hls, flv: 'https://edge.example/a.flv', needs: 'signature', note: 'start the endpoint' }),
  ).toEqual([
    `hls ${hls} (needs a signature)`,
    'flv https://edge.example/a.flv (needs a signature)',
    'start the endpoint',
  ]);
  expect(playbackTexts({})).toEqual([]);
});

it('takes tokens and signatures off', () => {
  expect(unsigned('https://edge.example/a.m3u8?token=hush')).toBe('https://edge.example/a.m3u8');
});

const own = 'https://edge.example/a.m3u8';
const behind = 'https://edge.example/a/1.ts';
it.each<[needs: Playback['needs'], own: boolean, behind: boolean]>([
  [undefined, false, false],
  // The answer to a token names addresses with a token of their own; a signature opens one address.
  ['viewer-token', true, false],
  ['signature', true, true],
])('of a stream that needs %s the own address is closed: %s, those behind it: %s', (needs, isOwn, isBehind) => {
  const playback: Playback = { hls: own, ...(needs && { needs }) };
  expect([isClosed(playback, own), isClosed(playback, behind)]).toEqual([isOwn, isBehind]);
});
