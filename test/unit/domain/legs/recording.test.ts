import { expect, it } from 'vitest';
import { recordingPieces } from '../../../../domain/legs/recording.ts';
import type { LegStatus } from '../../../../domain/report.ts';

const leg = (name: string, windows: readonly (readonly [number, number])[], proved = true): LegStatus =>
  ({
    name,
    begunAt: 0,
    status: {
      endReason: 'reached-end',
      windows: windows.map(([from, to]) => ({ from, to })),
      vod: [{ url: `${name}.m3u8`, proof: { proved } }],
    },
  }) as never;
const piecesOf = (...legs: LegStatus[]) => recordingPieces(legs).map(({ leg: of, from, to }) => [of, from, to]);

it('another proved leg fills the holes of the best, from two seconds on', () => {
  const main = (to: number) =>
    leg('main', [
      [0, 10_000],
      [to, 40_000],
    ]);
  const backup = leg('backup', [[5_000, 15_000]]);
  expect(piecesOf(main(12_000), backup)).toEqual([
    ['main', 0, 10_000],
    ['backup', 10_000, 12_000],
    ['main', 12_000, 40_000],
  ]);
  expect(piecesOf(main(11_999), backup)).toEqual([
    ['main', 0, 10_000],
    ['main', 11_999, 40_000],
  ]);
});

it('what is not proved is no piece of the recording', () => {
  const long = leg('main', [[0, 40_000]], false);
  const short = leg('backup', [[5_000, 15_000]]);
  expect(piecesOf(long, short)).toEqual([['backup', 5_000, 15_000]]);
  expect(piecesOf(long)).toEqual([]);
  expect(piecesOf(long, leg('backup', [[0, 50_000]], false))).toEqual([]);
});
