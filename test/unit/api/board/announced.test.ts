import { expect, it } from 'vitest';
import { pageElement, pageFile, pageHarness } from './page-harness.ts';

pageHarness();
const { announce } = (await pageFile('dom.js')) as { announce(text: string): void };
const said = async () => {
  await Promise.resolve();
  return pageElement('announcer').textContent;
};

it('what changes at one moment is announced together, so that nothing takes the place of another', async () => {
  announce('final: Encoder lost');
  announce('final: viewers: frozen');
  expect(await said()).toBe('final: Encoder lost; final: viewers: frozen');
  announce('final: Live');
  expect(await said()).toBe('final: Live');
});

it('of many changes the first are announced, and how many more there are', async () => {
  for (let n = 1; n <= 8; n += 1) announce(`e${n}: Live`);
  expect(await said()).toBe('e1: Live; e2: Live; e3: Live; e4: Live; e5: Live; 3 more changes');
});
