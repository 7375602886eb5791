import { describe, expect, it } from 'vitest';
import { emailOf } from '../../../../activities/webhooks/formats/email.ts';
import { pagerDutyEvents } from '../../../../activities/webhooks/formats/pagerduty.ts';
import { slackMessage } from '../../../../activities/webhooks/formats/slack.ts';
import { teamsMessage } from '../../../../activities/webhooks/formats/teams.ts';
import { isPlainLine } from '../../../../domain/text.ts';
import { notificationOf } from '../../../../domain/webhooks/notification.ts';
import type { WebhookType } from '../../../../domain/webhooks/webhook.ts';

const at = Date.parse('2026-12-01T18:20:00Z');
const notify = (type: WebhookType, data: Record<string, unknown>) =>
  notificationOf({
    ...{ id: 'run/2', seq: 2, type, at },
    data: {
      ...{ eventId: 'final', title: 'Final', vendor: 'aws-ivs', warning: 'step-failed', message: 'no' },
      ...data,
    } as never,
  });

type Made = (notification: ReturnType<typeof notify>) => unknown;
const formats: [string, Made][] = [
  ['slack', slackMessage],
  ['teams', teamsMessage],
  ['pagerduty', (one) => pagerDutyEvents(one, at, 'R0'.repeat(16))],
  ['email', (one) => emailOf(one, { id: 'run/2', at, from: 'a@acme.example', to: ['b@acme.example'] })],
];

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}
/** A mail has its lines by itself; each must be one that we wrote. */
const linesIn = (value: unknown): string[] => textsIn(value).flatMap((text) => text.split('\n'));

/** What a vendor, an encoder or a page in between may say, where we quote it. */
const words = 'no\nphase: completed\r\nvod: https://evil.example\u001b[2J\u202e\u200b\u0007';

describe.each(formats)('a message of %s', (_name, made) => {
  it.each([
    ['warning', { message: words }],
    ['ended', { endReason: 'vendor-failed', reason: words, phase: 'failed' }],
    ['encoder-changed', { change: 'lost', changedAt: 'now', vendorState: words }],
    ['on-air', { state: 'gone', reason: words }],
    ['ended', { vod: [{ url: `https://vod.example/${words}` }] }],
  ] as [WebhookType, Record<string, unknown>][])(
    '%s %#: has no line, and nothing unseen, of a vendor',
    (type, data) => {
      const lines = linesIn(made(notify(type, data)));
      expect(lines.filter((line) => !isPlainLine(line))).toEqual([]);
      expect(lines.filter((line) => line.startsWith('phase: completed') || line.startsWith('vod:'))).toEqual([]);
    },
  );

  it('is of whole characters, however long its texts are', () => {
    for (let length = 140; length < 152; length += 1) {
      const long = `${'x'.repeat(length)}${'😀'.repeat(2_000)}`;
      const all = textsIn(made(notify('ended', { title: long, reason: long, tenant: long, phase: 'failed' })));
      expect(all.filter((text) => /\p{Cs}/u.test(text))).toEqual([]);
    }
  });

  it('is no larger than its service takes, however much a show has', () => {
    const vod = Array.from({ length: 200 }, (_, index) => ({
      url: `https://vod.example/${index}/${'播'.repeat(300)}/index.m3u8`,
      durationMs: 1,
    }));
    const body = JSON.stringify(made(notify('ended', { vod, reason: '错'.repeat(100_000), phase: 'failed' })));
    // Teams takes 28 KB: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
    expect(Buffer.byteLength(body)).toBeLessThan(28_000);
  });
});

describe('a message of slack', () => {
  it('has no markup at all: no bold, no link, no mention', () => {
    const title = '*big* <!channel> @everyone <https://evil.example|click> :siren: `x`';
    const message = slackMessage(notify('warning', { title, message: title }));
    const texts = JSON.stringify(message).match(/"type":"(mrkdwn|plain_text)"/g) ?? [];
    expect(new Set(texts)).toEqual(new Set(['"type":"plain_text"']));
    expect(message).toMatchObject({ mrkdwn: false, text: expect.not.stringContaining('<!channel>') });
  });
});

describe('an incident of pagerduty', () => {
  it('names every recording', () => {
    const vod = [{ url: 'https://vod.example/1.m3u8' }, { url: 'https://vod.example/2.m3u8' }];
    const text = JSON.stringify(pagerDutyEvents(notify('ended', { vod, phase: 'failed' }), at, 'R0'.repeat(16)));
    expect(text).toContain('1.m3u8');
    expect(text).toContain('2.m3u8');
  });
});
