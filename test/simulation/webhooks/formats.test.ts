import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AdaptiveCard, SerializationContext, Versions } from 'adaptivecards';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Subscriber } from '../../../activities/webhooks/subscriber.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { WebhookMessage, WebhookType } from '../../../domain/webhooks/webhook.ts';
import { problemsAgainst } from '../../support/published-problems.ts';
import { until } from '../../support/until.ts';
import { configured, WebhooksHarness } from './webhooks-harness.ts';

// What the services publish for programs are types and a parser, in their own packages; it has no lengths, and lets pass what is left out
// of it. Those are here as their pages have them.

/** What the parser of those who publish Adaptive Cards finds in one. */
function cardProblems(card: object): string[] {
  const context = new SerializationContext(Versions.v1_4);
  const parsed = new AdaptiveCard();
  parsed.parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message);
  return [...events, ...parsed.validateProperties().validationEvents.map(({ message }) => message)];
}

/** https://docs.slack.dev/reference/block-kit/blocks, /composition-objects/text-object */
const slackText = (most: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(most), emoji: z.boolean() });
const slackSchema = z.strictObject({
  text: z.string().min(1),
  mrkdwn: z.literal(false),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: slackText(150) }),
        z
          .strictObject({
            type: z.literal('section'),
            text: slackText(3_000).optional(),
            fields: z.array(slackText(2_000)).min(1).max(10).optional(),
          })
          .refine(({ text, fields }) => text !== undefined || fields !== undefined),
      ]),
    )
    .max(50),
});

/** https://adaptivecards.io/schemas/1.4.0/adaptive-card.json, and the message around it of a Teams workflow. */
const teamsSchema = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
        type: z.literal('AdaptiveCard'),
        version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']),
        body: z.array(
          z.discriminatedUnion('type', [
            z.strictObject({
              type: z.literal('TextBlock'),
              text: z.string(),
              weight: z.enum(['default', 'lighter', 'bolder']).optional(),
              size: z.enum(['default', 'small', 'medium', 'large', 'extraLarge']).optional(),
              color: z.enum(['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention']).optional(),
              wrap: z.boolean().optional(),
            }),
            z.strictObject({
              type: z.literal('FactSet'),
              facts: z.array(z.strictObject({ title: z.string(), value: z.string() })),
            }),
          ]),
        ),
      }),
    }),
  ]),
});

/** https://developer.pagerduty.com/docs/send-alert-event: V2EventsPayload */
const pagerDutySchema = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: z.string().length(32),
    event_action: z.literal('trigger'),
    dedup_key: z.string().max(255),
    client: z.string(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      component: z.string(),
      class: z.string(),
      custom_details: z.record(z.string(), z.string()),
    }),
  }),
  z.strictObject({
    routing_key: z.string().length(32),
    event_action: z.literal('resolve'),
    dedup_key: z.string().max(255),
    client: z.string(),
  }),
]);

const hostile = 'Final <!channel> & *friends* [x](http://evil.example)';
const data: JsonObject = {
  ...{ eventId: 'final', title: hostile, tenant: 'acme', vendor: 'aws-ivs', account: 'default' },
  ...{ phase: 'live', encoder: 'connected', startsAt: '2026-12-01T18:00:00.000Z', endsAt: '2026-12-01T20:00:00.000Z' },
};
const at = Date.now();
const run = randomUUID();
const message = (seq: number, type: WebhookType, more: JsonObject): WebhookMessage => ({
  ...{ id: `${run}/${seq}`, seq, type, at },
  data: { ...data, ...more },
});
const sent: WebhookMessage[] = [
  message(1, 'starts-soon', { startsInMs: 1_800_000, message: 'the show starts in 30 min, at 18:00' }),
  message(2, 'phase-changed', { phase: 'waiting-for-encoder' }),
  message(3, 'warning', { warning: 'encoder-missing', message: 'no encoder yet; the show is given up at 18:30' }),
  message(4, 'encoder-changed', { change: 'connected', changedAt: '2026-12-01T18:20:00.000Z' }),
  message(5, 'on-air', { state: 'frozen', changedAt: '2026-12-01T18:25:00.000Z', reason: 'no new segment for 6 s' }),
  message(6, 'on-air', { state: 'on-air', changedAt: '2026-12-01T18:26:00.000Z' }),
  message(7, 'ended', {
    ...{ phase: 'completed', endReason: 'reached-end', reason: 'the show ended', proved: true },
    vod: [{ url: 'https://vod.example/final.m3u8', proved: true, durationMs: 60_000 }],
  }),
];

/** A service on loopback that keeps the JSON bodies that it gets. */
async function startService(status: number) {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    request.on('end', () => {
      if (request.method === 'POST') bodies.push(JSON.parse(text));
      const hostile = `${request.url} \u001b[2J${'\u{1f3ac}'.repeat(150)}`;
      response.writeHead(status).end(status >= 300 ? `no ${hostile}` : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/services/T0/B0/secret-of-the-address`, bodies };
}

let harness: WebhooksHarness;
const subscribers: Subscriber[] = [];
beforeAll(async () => {
  harness = await WebhooksHarness.open({ subscribers });
});
afterAll(() => harness.close());

/** Delivers the messages to one subscriber; gives the history of the delivery. */
async function delivered(subscriber: Subscriber, messages = sent): Promise<string> {
  subscribers.push(subscriber);
  const handle = await harness.deliver(messages, [subscriber]);
  expect(await handle.result()).toMatchObject({ receivers: { [subscriber.name]: { givenUpCount: 0 } } });
  return JSON.stringify(await harness.env.client.workflow.getHandle(handle.workflowId).fetchHistory());
}

describe('the messages of a show', () => {
  it('in Slack are blocks that it takes, and nothing in them is markup of its own', async () => {
    const { url, bodies } = await startService(200);
    const history = await delivered(configured('slack', { url }, { format: 'slack', secrets: [url] }));
    const taken = bodies.map((body) => slackSchema.parse(body));
    expect(taken).toHaveLength(sent.length);
    expect(problemsAgainst('SlackMessage', bodies)).toEqual([]);
    expect(taken[0]?.text).toMatch(/: starts in 30 min$/);
    expect(taken[2]?.text).toContain('no encoder yet');
    for (const { text } of taken) {
      expect(text).not.toContain('<!channel>');
      expect(text).toContain('&lt;!channel&gt;');
    }
    expect(taken.at(-1)?.text).toContain('recording proved');
    expect(history).not.toContain('secret-of-the-address');
  });

  it('in Teams are Adaptive Cards', async () => {
    const { url, bodies } = await startService(202);
    await delivered(configured('teams', { url }, { format: 'teams', secrets: [url], severity: 'critical' }));
    const contents = bodies.map((body) => teamsSchema.parse(body).attachments[0].content);
    expect(contents.flatMap(cardProblems)).toEqual([]);
    expect(problemsAgainst('TeamsCard', contents)).toEqual([]);
    const cards = contents.map(({ body }) => body[0]);
    expect(cards.map((card) => card?.type === 'TextBlock' && card.text)).toEqual([
      expect.stringMatching(/no encoder yet$/),
      expect.stringMatching(/off air \\\(frozen\\\)$/),
    ]);
    expect(JSON.stringify(cards)).not.toContain('[x](');
  });

  it('in PagerDuty trigger an alert for each trouble, and resolve it when its cause ends', async () => {
    const { url, bodies } = await startService(202);
    const key = 'R0'.repeat(16);
    const history = await delivered(
      configured('pager', { url }, { format: 'pagerduty', secrets: [key], severity: 'critical' }),
    );
    const events = bodies.map((body) => pagerDutySchema.parse(body));
    expect(problemsAgainst('PagerDutyEvent', bodies)).toEqual([]);
    const open = new Set<string>();
    const opened: string[] = [];
    for (const { event_action: action, dedup_key: about } of events) {
      if (action === 'resolve') open.delete(about);
      else {
        open.add(about);
        opened.push(about);
      }
    }
    expect(opened).toEqual(['acme/final/encoder-missing', 'acme/final/off-air']);
    expect([...open]).toEqual([]);
    expect(history).not.toContain(key);
  });

  it('are only of the vendors and as grave as the subscriber wants them', async () => {
    const { url, bodies } = await startService(200);
    const more: Partial<Subscriber> = { format: 'slack', secrets: [url] };
    await delivered(configured('others', { url }, { ...more, vendors: ['alibaba-oss'] }));
    expect(bodies).toEqual([]);
    await delivered(configured('warned', { url }, { ...more, vendors: ['aws-ivs'], severity: 'warning' }));
    expect(bodies).toHaveLength(2);
  });

  it('that a service refuses are retried, and the reason names neither its address nor what it repeats', async () => {
    const { url } = await startService(500);
    const subscriber = configured('refused', { url }, { format: 'slack', secrets: [url] });
    subscribers.push(subscriber);
    const handle = await harness.deliver(sent, [subscriber]);
    const pending = await until(async () => {
      const { raw } = await harness.env.client.workflow.getHandle(handle.workflowId).describe();
      const found = raw.pendingActivities?.[0]?.lastFailure?.message;
      return found ?? undefined;
    });
    expect(pending).toMatch(/^refused \(http:\/\/127\.0\.0\.1:\d+\) answered 500/);
    expect(pending).toContain('no ***');
    expect(pending).not.toContain('secret-of-the-address');
    expect(pending).toMatch(/^[^\p{Cc}\p{Cs}\ufffd]*$/u);
    await harness.env.client.workflow.getHandle(handle.workflowId).terminate();
  });
});
