import { describe, expect, it } from 'vitest';
import { ofThisShow } from '../../../../activities/proof/shares.ts';
import type { VodAsset } from '../../../../domain/channel.ts';

const minute = 60_000;
const asset = (url: string, from?: number, to?: number): VodAsset => ({
  url,
  finality: 'ended',
  ...(from !== undefined && to !== undefined && { covers: { from: from * minute, to: to * minute } }),
});
const window = (from: number, to: number) => ({ from: from * minute, to: to * minute });
const urls = (assets: readonly VodAsset[]) => assets.map(({ url }) => url);

describe('the recordings of a show', () => {
  it('are without what a channel that an earlier run left had recorded before', () => {
    const assets = [asset('earlier', 0, 30), asset('first', 60, 70), asset('second', 80, 90), asset('undated')];
    expect(urls(ofThisShow(assets, [window(60, 70), window(80, 90)]))).toEqual(['first', 'second', 'undated']);
  });

  it('keep what ends just before the show, what comes after it, and what lies between its windows', () => {
    const assets = [asset('just', 50, 59.5), asset('own', 60, 70), asset('between', 71, 72), asset('after', 95, 99)];
    expect(ofThisShow(assets, [window(60, 70), window(80, 90)])).toEqual(assets);
  });

  it('keep all where the dates of the vendor’s clock lead to no piece of the show', () => {
    const assets = [asset('one', 0, 10), asset('two', 20, 30)];
    expect(ofThisShow(assets, [window(600, 610), window(620, 630)])).toEqual(assets);
    expect(ofThisShow(assets, [])).toEqual(assets);
  });
});
