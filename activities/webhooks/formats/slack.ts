import type { JsonObject } from '../../../domain/json.ts';
import { beginningOf } from '../../../domain/text.ts';
import type { Notification } from '../../../domain/webhooks/notification.ts';

/** https://docs.slack.dev/reference/block-kit/blocks */
const longestHeader = 150;
const longestSection = 3_000;
const mostFields = 10;
const longestField = 2_000;

const signs = { info: '🟢', warning: '🟠', critical: '🔴' } as const;

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Titles and texts come from plans and vendors: nothing of them is markup, a link or a mention. */
const plain = (text: string, most: number): JsonObject => ({
  type: 'plain_text',
  text: beginningOf(text, most),
  emoji: true,
});

/** The body for an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackMessage({ severity, title, text, facts }: Notification): JsonObject {
  const head = `${signs[severity]} ${title}`;
  return {
    // What a phone shows of it; `mrkdwn` is about this text alone.
    text: escaped(head),
    mrkdwn: false,
    blocks: [
      { type: 'header', text: plain(head, longestHeader) },
      ...(text === '' ? [] : [{ type: 'section', text: plain(text, longestSection) }]),
      {
        type: 'section',
        fields: facts.slice(0, mostFields).map(([name, value]) => plain(`${name}: ${value}`, longestField)),
      },
    ],
  };
}
