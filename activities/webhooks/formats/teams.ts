import type { JsonObject } from '../../../domain/json.ts';
import type { Notification } from '../../../domain/webhooks/notification.ts';

/** https://adaptivecards.io/explorer/TextBlock.html */
const colours = { info: 'good', warning: 'warning', critical: 'attention' } as const;

/** Text that a card must not take for Markdown. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+!|<>~]/g, '\\$&');

/**
 * The body for a workflow "When a Teams webhook request is received": a message with one Adaptive Card.
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 */
export function teamsMessage({ severity, title, text, facts }: Notification): JsonObject {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'TextBlock',
              text: plain(title),
              weight: 'bolder',
              size: 'medium',
              color: colours[severity],
              wrap: true,
            },
            ...(text === '' ? [] : [{ type: 'TextBlock', text: plain(text), wrap: true }]),
            { type: 'FactSet', facts: facts.map(([name, value]) => ({ title: name, value: plain(value) })) },
          ],
        },
      },
    ],
  };
}
