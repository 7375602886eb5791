import { beginningOf, printable } from '../text.ts';
import { formatDuration, wholeMinutes } from '../time.ts';
import { endedByEncoder, endedByRelease, endedByViewers } from './warnings.ts';
import type { WarningName, WebhookMessage } from './webhook.ts';

/** How grave a message is, the least first. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(least);

/** A webhook as people read it, whatever service shows it. Never a secret. */
export interface Notification {
  severity: Severity;
  /** One line, with the title of the event. */
  title: string;
  text: string;
  facts: [name: string, value: string][];
  /** What it is about: a later one of the same key is about the same trouble. */
  key: string;
  /** The trouble of these keys is over. */
  resolves: string[];
}

const critical: ReadonlySet<string> = new Set([
  'encoder-missing',
  'encoder-lost',
  'encoder-unseen',
  'viewers-dark',
  'viewers-frozen',
  'viewers-gone',
  'viewers-blank',
  'leg-failed',
  'ended-without-encoder',
  'step-slow',
  'step-failed',
  'vod-unproved',
  'cut-off',
] satisfies WarningName[]);

/** So that a message is below the 28 KB that Teams takes, the least of all services, whatever its characters are. */
const longest = { title: 300, text: 2_000, fact: 400 } as const;
const mostFacts = 16;

/** Titles come from plans, texts from vendors and encoders: each stays on its line, and shows what would not be seen. */
const line = (text: string, most: number): string => {
  const shown = printable(beginningOf(text, most + 1));
  return shown.length <= most ? shown : `${beginningOf(shown, most - 1)}…`;
};

/** The worker could not look: that says nothing of what viewers get. */
const unseen = 'viewers-unseen';
const viewerTroubles = [...endedByViewers, 'off-air', unseen];
/** What is over with the run: why it failed, or that no recording is proved, stands in the alert of its end. */
const troublesOfRun: readonly string[] = [
  ...endedByEncoder,
  ...viewerTroubles,
  ...endedByRelease,
  ...(['preflight', 'booking-conflict', 'leg-failed', 'step-slow', 'step-failed'] satisfies WarningName[]),
];

/** What a webhook says, for people; `ingest` says nothing to them. */
export function notificationOf({ type, data }: WebhookMessage): Notification {
  const text = (name: string): string => (typeof data[name] === 'string' ? data[name] : '');
  const event = text('title') || text('eventId');
  const about = text('tenant') === '' ? text('eventId') : `${text('tenant')}/${text('eventId')}`;
  const make = (one: {
    severity: Severity;
    what: string;
    text: string;
    trouble: string;
    resolves?: readonly string[];
  }): Notification => ({
    severity: one.severity,
    title: line(`${event}: ${one.what}`, longest.title),
    text: line(one.text, longest.text),
    facts: factsOf(data),
    key: `${about}/${one.trouble}`,
    resolves: (one.resolves ?? []).map((trouble) => `${about}/${trouble}`),
  });
  switch (type) {
    case 'warning': {
      const warning = text('warning');
      const severity = critical.has(warning) ? 'critical' : 'warning';
      return make({ severity, what: warningText(warning), text: text('message'), trouble: warning });
    }
    case 'starts-soon':
      return make({
        severity: 'info',
        what: startText(data.startsInMs),
        text: text('message'),
        trouble: 'starts-soon',
      });
    case 'ended':
      return make(endOf(data.proved === true, text));
    case 'encoder-changed': {
      const isLost = text('change') === 'lost';
      const what = isLost ? 'encoder lost' : `encoder ${text('change')}`;
      const resolves = isLost ? [] : endedByEncoder;
      const at = `at ${text('changedAt')}${text('vendorState') && ` (vendor says ${text('vendorState')})`}`;
      return make({
        severity: isLost ? 'warning' : 'info',
        what,
        text: `${what} ${at}`,
        trouble: 'encoder-lost',
        resolves,
      });
    }
    case 'on-air': {
      const state = text('state');
      const said = text('reason') || `viewers: ${state} since ${text('changedAt')}`;
      if (state === 'unknown')
        return make({ severity: 'warning', what: 'viewers cannot be seen', text: said, trouble: unseen });
      const isOn = state === 'on-air';
      const what = isOn ? 'on air' : `off air (${state})`;
      const resolves = isOn ? viewerTroubles : [];
      return make({ severity: isOn ? 'info' : 'critical', what, text: said, trouble: 'off-air', resolves });
    }
    default: {
      const phase = text('phase');
      return make({ severity: 'info', what: phase, text: `the run is in the phase ${phase}`, trouble: 'phase' });
    }
  }
}

const startText = (ms: unknown): string => (typeof ms === 'number' ? `starts in ${wholeMinutes(ms)}` : 'starts soon');

const warningTexts: Readonly<Record<string, string>> = {
  'encoder-missing': 'no encoder yet',
  'encoder-unseen': 'the encoder cannot be seen',
  'viewers-dark': 'off air: viewers get nothing yet',
  'viewers-frozen': 'off air: viewers get no new picture',
  'viewers-gone': 'off air: the playlist is gone',
  'viewers-blank': 'viewers get no picture or no sound',
  'vod-unproved': 'recording not proved',
};
const warningText = (warning: string): string => warningTexts[warning] ?? warning.replaceAll('-', ' ');

function endOf(isProved: boolean, text: (name: string) => string) {
  const [reason, why] = [text('endReason'), text('reason')];
  const failed = text('phase') === 'failed';
  const recording = isProved ? 'recording proved' : 'no proved recording';
  return {
    severity: failed ? ('critical' as const) : ('info' as const),
    what: `${failed ? 'failed' : 'over'}, ${recording}`,
    text: `${reason}: ${why}`,
    trouble: 'failed',
    resolves: troublesOfRun,
  };
}

function factsOf(data: WebhookMessage['data']): [string, string][] {
  const facts: [string, string][] = [];
  for (const [name, label] of [
    ['eventId', 'event'],
    ['tenant', 'tenant'],
    ['vendor', 'vendor'],
    ['account', 'account'],
    ['phase', 'phase'],
    ['encoder', 'encoder'],
    ['startsAt', 'start'],
    ['endsAt', 'end'],
  ] as const)
    if (typeof data[name] === 'string' && data[name] !== '') facts.push([label, data[name]]);
  const { vod } = data;
  for (const one of Array.isArray(vod) ? vod : []) {
    const { url, durationMs } = (one ?? {}) as { url?: unknown; durationMs?: unknown };
    if (typeof url !== 'string') continue;
    facts.push(['recording', `${url}${typeof durationMs === 'number' ? ` (${formatDuration(durationMs)})` : ''}`]);
  }
  const left = facts.length - mostFacts;
  const shown = left > 0 ? [...facts.slice(0, mostFacts - 1), ['more', `${left + 1} recordings`] as const] : facts;
  return shown.map(([name, value]) => [name, line(value, longest.fact)]);
}
