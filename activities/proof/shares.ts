import type { LiveWindow, VodAsset } from '../../domain/channel.ts';

/** A recording has a window when it holds half of it, or when half of the recording is in it. */
const half = 0.5;

/**
 * The windows of the show that each recording must hold; undefined for one of several that does not say what it covers:
 * those are judged together. What a recording says it covers decides only which windows are its own: a window is expected
 * whole, however little of it the recording covers. Two recordings that follow each other in one window share it.
 */
export function sharesOf(assets: readonly VodAsset[], windows: readonly LiveWindow[]): (LiveWindow[] | undefined)[] {
  if (assets.length === 1) return [[...windows]];
  const spans = assets.flatMap(({ covers }) => covers ?? []);
  return assets.map(({ covers }) => {
    const share = covers ? windows.flatMap((window) => shareOf(covers, window, spans)) : [];
    // By a clock that is hours off it covers nothing of the show: then it does not say what it covers.
    return share.length > 0 ? share : undefined;
  });
}

/** Vendors' instants are not exact. */
const earlierMs = 60_000;

/**
 * Without what was recorded before the show: a channel that an earlier run of the event left has recorded that run's show
 * too. Where nothing else says that it covers a piece of this one, nothing is left out.
 */
export function ofThisShow(assets: readonly VodAsset[], windows: readonly LiveWindow[]): readonly VodAsset[] {
  const begin = windows[0]?.from ?? 0;
  const isOfThis = ({ covers }: VodAsset) => covers && windows.some((window) => commonMs(covers, window) > 0);
  const isEarlier = ({ covers }: VodAsset) => covers && covers.to < begin - earlierMs;
  return assets.some(isOfThis) ? assets.filter((asset) => !isEarlier(asset)) : assets;
}

function shareOf(span: LiveWindow, window: LiveWindow, spans: readonly LiveWindow[]): LiveWindow[] {
  if (!has(span, window)) return [];
  const others = spans.filter((other) => has(other, window));
  const isSecond = others.some((other) => comesBefore(other, span));
  const next = others.filter((other) => comesBefore(span, other)).map(({ from }) => from);
  const share = {
    from: isSecond ? Math.max(window.from, span.from) : window.from,
    to: Math.min(window.to, ...next),
  };
  return share.from < share.to ? [share] : [];
}

function has(span: LiveWindow, window: LiveWindow): boolean {
  const common = commonMs(span, window);
  return common > 0 && common >= half * shorterMs(span, window);
}

/** Vendors' instants are not exact: a recording may be said to end a little after the next one begins. */
const comesBefore = (a: LiveWindow, b: LiveWindow): boolean =>
  a.from < b.from && commonMs(a, b) < half * shorterMs(a, b);

const commonMs = (a: LiveWindow, b: LiveWindow): number => Math.min(a.to, b.to) - Math.max(a.from, b.from);
const shorterMs = (a: LiveWindow, b: LiveWindow): number => Math.min(a.to - a.from, b.to - b.from);
