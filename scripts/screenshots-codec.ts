import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startStack } from '../cli/stack.ts';
import { keyRingFrom, newKeyLine } from '../temporal/codec/keys.ts';
import { createCodecServer } from '../temporal/codec/server.ts';
import { startBrowser } from './chromium.ts';
import { picturesFolder } from './pictures.ts';

// Takes the picture of docs/security.md: an encrypted run in the Temporal UI, read through a codec server. Needs Chromium.

const title = 'Merger of Acme and Initech';
process.env.SHOWCALLER_CODEC_KEYS = newKeyLine('2026-11');

async function take(): Promise<void> {
  const stack = await startStack({ timeScale: 0.2 });
  try {
    const { uiUrl = '', namespace } = stack.temporal;
    const keys = keyRingFrom();
    if (!keys) throw new Error('the codec has no key');
    const codec = await createCodecServer({ keys, origins: [new URL(uiUrl).origin], log: console.log });
    const endpoint = await codec.listen({ host: '127.0.0.1', port: 0 });
    try {
      const waits = { firstConnect: '10m' };
      const { eventId } = await stack.client.start({
        eventId: 'all-hands',
        title,
        vendor: 'alibaba-oss',
        duration: '15m',
        waits,
      });
      while ((await stack.client.status(eventId).catch(() => undefined))?.phase !== 'waiting-for-encoder')
        await pause(200);
      await picture(
        `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(`live-event/${eventId}`)}`,
        endpoint,
      );
      await stack.client.cancel(eventId);
    } finally {
      await codec.close();
    }
  } finally {
    await stack.stop();
  }
}

async function picture(url: string, endpoint: string): Promise<void> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
    await page.goto(url);
    await page.getByText('Workflow Execution Started').first().waitFor();
    // What its settings for a codec server write.
    await page.evaluate(`localStorage.setItem('endpoint', ${JSON.stringify(JSON.stringify(endpoint))})`);
    await page.reload();
    await page.getByText(title).first().waitFor();
    await page.screenshot({ path: join(picturesFolder, 'codec.png') });
  } finally {
    await browser.close();
  }
}

await take();
