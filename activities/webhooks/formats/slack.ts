import type { JsonObject } from '../../../domain/json.ts';
import type { Notification } from '../../../domain/webhooks/notification.ts';

/** https://docs.slack.dev/reference/block-kit/blocks */
const longestHeader = 150;
const longestSection = 3_000;
const mostFields = 10;
const longestField = 2_000;

const signs = { info: '🟢', warning: '🟠', critical: '🔴' } as const;

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The body for an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackMessage({ severity, title, text, facts }: Notification): JsonObject {
  const head = `${signs[severity]} ${title}`;
  return {
    text: escaped(head),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: head.slice(0, longestHeader), emoji: true } },
      ...(text === ''
        ? []
        : [
            { type: 'section', text: { type: 'mrkdwn', text: escaped(text).slice(0, longestSection), verbatim: true } },
          ]),
      {
        type: 'section',
        fields: facts.slice(0, mostFields).map(([name, value]) => ({
          type: 'mrkdwn',
          text: `*${escaped(name)}*\n${escaped(value)}`.slice(0, longestField),
          verbatim: true,
        })),
      },
    ],
  };
}
