import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startStack } from '../cli/stack.ts';
import { keyRingFrom, newKeyLine } from '../temporal/codec/keys.ts';
import { createCodecServer } from '../temporal/codec/server.ts';
import { startBrowser } from './browser.ts';
import { root } from './command.ts';

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

async function picture(page: string, endpoint: string): Promise<void> {
  const browser = await startBrowser();
  try {
    await browser.goTo(page);
    await browser.until(`document.body.innerText.includes('Workflow Execution Started')`);
    // What its settings for a codec server write.
    await browser.evaluate(`localStorage.setItem('endpoint', ${JSON.stringify(JSON.stringify(endpoint))})`);
    await browser.evaluate('location.reload()');
    await browser.until(`document.body.innerText.includes(${JSON.stringify(title)})`);
    await writeFile(join(root, 'docs/images/codec.png'), await browser.picture({ width: 1280, height: 760 }));
  } finally {
    await browser.close();
  }
}

await take();
