import { readdir, readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { scenes } from '../../../scripts/golden-scenes.ts';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { refusedByCore } from '../../simulation/temporal/core/real-core.ts';
import { workflowIdOfRecord } from '../../simulation/temporal/golden-histories.ts';

interface GoldenEvent {
  eventId: string;
  eventType: string;
  upsertWorkflowSearchAttributesEventAttributes?: { searchAttributes: { indexedFields: object } };
}

interface Golden {
  /** `<why>-<version>` */
  name: string;
  workflowId: string;
  text: string;
  history: { events: GoldenEvent[] };
}

const folder = fileURLToPath(new URL('../../histories/', import.meta.url));
let golden: Golden[];

beforeAll(async () => {
  installRuntime({ logLevel: 'ERROR' });
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  golden = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${folder}${file}`, 'utf8');
      const name = file.replace(/\.json$/, '');
      return { name, workflowId: workflowIdOfRecord(name), text, history: JSON.parse(text) };
    }),
  );
});

/** What went wrong with each history that does not replay. */
async function replay(code: string): Promise<Record<string, string>> {
  const names = new Map(golden.map(({ workflowId, name }) => [workflowId, name]));
  const refused = Object.entries(await refusedByCore(code, golden));
  return Object.fromEntries(refused.map(([workflowId, why]) => [names.get(workflowId) ?? workflowId, why]));
}

/** The workflow changed without regard to runs under way. */
function changed(from: RegExp, to: string): string {
  const code = inject('workflowCode');
  const other = code.replaceAll(from, to);
  if (other === code) throw new Error(`the workflow bundle has no ${from}: the change must be made in another way`);
  return other;
}

describe('the workflow of today', () => {
  it('replays every run that was recorded', async () => {
    expect(golden.length).toBeGreaterThan(0);
    expect(await replay(inject('workflowCode'))).toEqual({});
  });

  it('has a record of every way through it', () => {
    const recorded = new Set(golden.map(({ name }) => name.replace(/-\d+\.\d+\.\d+$/, '')));
    expect(Object.keys(scenes).filter((why) => !recorded.has(why))).toEqual([]);
  });
});

/** The SDK adds one for each patch. */
const isOfOurs = ({ upsertWorkflowSearchAttributesEventAttributes: upsert }: GoldenEvent): boolean =>
  upsert !== undefined && !('TemporalChangeVersion' in upsert.searchAttributes.indexedFields);

describe('a careless change', () => {
  it('that leaves out a command is found in every run that has it', async () => {
    const code = changed(/\(0,[\w.]+\.upsertSearchAttributes\)\(/g, '(() => {})(');
    const failed = await replay(code);
    const without = golden.filter(({ history }) => !history.events.some(isOfOurs));
    const found = golden.filter((one) => !without.includes(one)).map(({ name }) => name);
    expect(found.length).toBeGreaterThan(5);
    expect(Object.keys(failed).sort()).toEqual(found.sort());
    for (const message of Object.values(failed)) expect(message).toContain('TMPRL1100');
  });

  it('that names an activity anew is found', async () => {
    const failed = await replay(changed(/activityId: 'publish-vod'/g, "activityId: 'publish'"));
    expect(Object.keys(failed).some((name) => name.startsWith('happy-'))).toBe(true);
  });
});

it('a build that would check the plan by a step is refused by a run that checked it within its first task', async () => {
  const failed = await replay(changed(/isAtOnce \?/g, 'false ?'));
  expect(failed['happy-without-a-marker-0.1.0']).toContain('TMPRL1100');
});

it('a transition outside the table of phases fails the run', async () => {
  const failed = await replay(changed(/'creating-output': \[\s*'waiting-for-encoder',/g, "'creating-output': ["));
  expect(Object.keys(failed).some((name) => name.startsWith('happy-'))).toBe(true);
  expect(Object.keys(failed).some((name) => name.startsWith('allocation-failed-'))).toBe(false);
});

describe('a record', () => {
  it('contains nothing of the machine that made it', () => {
    const forbidden = [hostname(), fileURLToPath(new URL('../../../', import.meta.url)), 'node_modules', 'stackTrace'];
    const identities = new RegExp(`"identity": "(?!recorder")|\\d+@|/home/|/${userInfo().username}/`);
    for (const { name, text } of golden) {
      const leaks = [...forbidden.filter((word) => text.includes(word)), ...(text.match(identities) ?? [])];
      expect({ name, leaks }).toEqual({ name, leaks: [] });
    }
  });
});
