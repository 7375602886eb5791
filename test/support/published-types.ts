import type { event } from '@pagerduty/pdjs';
import type { KnownBlock } from '@slack/types';
import type { IAdaptiveCard } from 'adaptivecards';

// What the services of people take, by the types that they publish.

export interface Published {
  /** `mrkdwn` is about the text above the blocks, which the types leave to the packages that send. */
  SlackMessage: { text: string; mrkdwn: boolean; blocks: KnownBlock[] };
  TeamsCard: IAdaptiveCard & { $schema: string };
  /** The type has no `client`, and wants a payload also of what resolves; the page of the API has it otherwise. */
  PagerDutyEvent: { client: string; dedup_key: string } & (
    | PagerDutyPayload
    | (Omit<PagerDutyPayload, 'payload'> & { event_action: 'resolve' })
  );
}

type PagerDutyPayload = Parameters<typeof event>[0]['data'];
