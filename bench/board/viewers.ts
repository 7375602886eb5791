/** Viewers of the board in a process of their own, so that what they read is not counted as the worker's. Started by `board.ts`. */
import { get } from 'node:http';

export interface ViewersAsked {
  url: string;
  tokens: string[];
  viewers: number;
}

export interface ViewersSeen {
  /** Streams that were ended by the API. */
  ended: number;
  bytes: number;
}

const seen: ViewersSeen = { ended: 0, bytes: 0 };

/** Resolves when the viewer has its first snapshot. */
const open = (url: string, token: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = get(`${url}/v1/stream`, { agent: false, headers: { authorization: `Bearer ${token}` } });
    request.on('error', reject).on('response', (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the API answered a viewer with ${answer.statusCode}`));
      answer.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length;
        if (chunk.includes('event: snapshot')) resolve();
      });
      answer.on('end', () => {
        seen.ended += 1;
      });
    });
  });

process.once('message', async ({ url, tokens, viewers }: ViewersAsked) => {
  const token = (n: number) => tokens[n % tokens.length] ?? '';
  await Promise.all(Array.from({ length: viewers }, (_, n) => open(url, token(n))));
  process.on('message', () => process.send?.(seen));
  process.send?.('open');
});
process.once('disconnect', () => process.exit(0));
