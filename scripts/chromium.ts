import { type Browser, chromium } from 'playwright-core';

/** The browser of the pictures and of the board's tests; another one is named in `CHROMIUM`. */
export const chromiumProgram = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Videos play without a click. @throws Error when there is no browser at `chromiumProgram` */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumProgram,
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
