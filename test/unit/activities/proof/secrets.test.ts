import { expect, it } from 'vitest';
import { proveAll, proveAsset } from '../../../../activities/proof/prove.ts';
import { redactor } from '../../../../domain/redact.ts';
import { base, input, pieces, store } from './recording.ts';

const secret = 'open-sesame-of-the-account';
const clean = redactor([secret]);

/** A recording whose playlist names what is not there, in a folder that is called as a secret is. */
const repeating = (before: string) =>
  store(pieces(10)).edit('index.m3u8', (text) => text.replace('3.ts', `${before}${secret}/${'x'.repeat(40)}/3.ts`));
const wordsOf = ({ checks }: Awaited<ReturnType<typeof proveAsset>>) =>
  checks.map(({ detail = '' }) => detail).join('\n');

it.each([0, 10, 20, 30, 60])(
  'words of a proof hold no secret of the configuration, and no part of one, wherever they are cut: %i characters before it',
  async (length) => {
    const from = repeating(`${'y'.repeat(length)}/`);
    const said = wordsOf(await proveAsset({ ...input(from), clean }));
    expect(said).toContain('3.ts');
    for (let at = 0; at + 8 <= secret.length; at += 1) expect(said).not.toContain(secret.slice(at, at + 8));
  },
);

it('nor does the reason why recordings are not proved', async () => {
  const { asset, share: _, ...source } = input(repeating(''));
  const { reason } = await proveAll({ ...source, clean, assets: [{ ...asset, url: `${base}index.m3u8` }] });
  expect(reason).toContain('3.ts');
  expect(reason).not.toContain(secret.slice(0, 8));
});
