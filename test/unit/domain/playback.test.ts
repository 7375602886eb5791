import { expect, it } from 'vitest';
import { playbackTexts, unsigned } from '../../../domain/playback.ts';

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
