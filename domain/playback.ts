/**
 * Where viewers watch an event while it is on. Stands in histories: without tokens and signatures, which are made when
 * they are asked for.
 */
export interface Playback {
  hls?: string;
  dash?: string;
  /** HTTP-FLV. */
  flv?: string;
  /** What a player's request needs besides the address. */
  needs?: 'viewer-token' | 'signature';
  /** What must be done before viewers can watch, for people. */
  note?: string;
}

const protocols = ['hls', 'dash', 'flv'] as const;

/** The addresses by protocol, the one that the system itself watches first. */
export const addressesOf = (playback: Playback): [protocol: string, url: string][] =>
  protocols.flatMap((protocol) => {
    const url = playback[protocol];
    return url === undefined ? [] : [[protocol, url] as [string, string]];
  });

/** One line for each address, and what is to be known of them. */
export function playbackTexts(playback: Playback): string[] {
  const needs = { 'viewer-token': ' (needs a viewer token)', signature: ' (needs a signature)' } as const;
  const suffix = playback.needs ? needs[playback.needs] : '';
  return [
    ...addressesOf(playback).map(([protocol, url]) => `${protocol} ${url}${suffix}`),
    ...(playback.note ? [playback.note] : []),
  ];
}

/**
 * Whether a request for this address needs what only its account can make. A token opens the stream's own addresses; those behind them
 * carry one of their own.
 */
export const isClosed = (playback: Playback, url: string): boolean =>
  playback.needs === 'signature' ||
  (playback.needs === 'viewer-token' && addressesOf(playback).some(([, address]) => address === url));

/** Without what follows `?` and `#`, which may hold a token or a signature. */
export const unsigned = (url: string): string => url.split(/[?#]/)[0] ?? '';
