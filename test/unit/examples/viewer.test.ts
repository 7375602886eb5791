import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const { watch } = await import(new URL('../../../examples/viewer.js', import.meta.url).href);

/** A player as hls.js is one, in the hand of the test. */
class Player {
  static readonly Events = { LEVEL_LOADED: 'loaded', ERROR: 'error' };
  static all: Player[] = [];
  isDestroyed = false;
  readonly #heard = new Map<string, (name: string, data: unknown) => unknown>();

  constructor() {
    Player.all.push(this);
  }
  on(name: string, heard: (name: string, data: unknown) => unknown) {
    this.#heard.set(name, heard);
  }
  loads(live: boolean) {
    return this.#heard.get('loaded')?.('loaded', { details: { live } });
  }
  loadSource() {}
  attachMedia() {}
  destroy() {
    this.isDestroyed = true;
  }
}

const later = () => new Response('', { status: 404, headers: { 'retry-after': '5' } });
let answer: () => Promise<Response>;
let states: string[];

beforeEach(() => {
  vi.useFakeTimers();
  Player.all = [];
  states = [];
  vi.stubGlobal('Hls', Player);
  vi.stubGlobal('location', { href: 'https://site.example/' });
  vi.stubGlobal('fetch', () => answer());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const begin = (): (() => void) => {
  const video = Object.assign(new EventTarget(), { currentTime: 0, ended: false, play: async () => undefined });
  return watch(video, 'https://api.example/watch/a/index.m3u8', (state: string) => states.push(state));
};

it.each([
  ['that says later', async () => later()],
  ['that does not come', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['of a gateway', async () => new Response('', { status: 502 })],
])('a list that has ended is no recording after an answer %s: the address is asked again', async (_what, first) => {
  answer = first;
  const end = begin();
  await Player.all[0]?.loads(false);
  expect(states).toEqual([]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(Player.all.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false]);
  answer = async () => new Response('#EXTM3U');
  await Player.all[1]?.loads(false);
  expect(states).toEqual(['recording']);
  end();
});

it.each([true, false])(
  'a viewer who has left begins nothing anew, and hears of nothing: recorded %s',
  async (recorded) => {
    let say = (_: Response) => {};
    answer = () => new Promise((resolve) => (say = resolve));
    const end = begin();
    const loaded = Player.all[0]?.loads(false);
    end();
    say(recorded ? new Response('#EXTM3U') : later());
    await loaded;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual([]);
    expect(Player.all.map(({ isDestroyed }) => isDestroyed)).toEqual([true]);
  },
);
