import { describe, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { showcaller } from '../../support/processes.ts';

/** The first leg has lost its picture in the middle, and the second has carried the show. */
function isFailedOver(report: EventStatus | undefined): void {
  expect(report).toMatchObject({ phase: 'completed', endReason: 'reached-end', released: true });
  expect(report?.legsOnAir?.map(({ leg }) => leg)).toEqual(['main', 'backup']);
  const [main, backup] = report?.legs ?? [];
  expect(main?.failed?.reason).toContain('the encoder is lost');
  expect(backup?.status?.vod.map(({ proof }) => proof.proved)).toEqual([true]);
  expect(report?.recording?.map(({ leg }) => leg)).toContain('backup');
}

describe.concurrent('an event with legs, shown by the command', () => {
  it('`demo --legs` plays one on two vendors', async () => {
    const flags = ['--legs', '--vendor', 'aws-ivs', '--vendor', 'alibaba-oss', '--json'];
    const { code, stdout, stderr } = await showcaller(['demo', ...flags]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const [report] = JSON.parse(stdout) as EventStatus[];
    isFailedOver(report);
  });

  it('`start --rehearse` plays the plan, and loses a leg in the middle', async () => {
    const legs = [
      { name: 'main', vendor: 'volcengine-live' },
      { name: 'backup', vendor: 'azure-media-services' },
    ];
    const plan = { eventId: 'final', startsAt: '2031-01-01T18:00:00Z', duration: '2h', legs };
    const { code, stdout, stderr } = await showcaller(['start', '-', '--rehearse', '--json'], {
      input: JSON.stringify(plan),
    });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { report, cues } = JSON.parse(stdout) as {
      report: EventStatus;
      cues: { phase: string; standsFor: string }[];
    };
    isFailedOver(report);
    expect(report.legs?.map(({ vendor }) => vendor)).toEqual(['volcengine-live', 'azure-media-services']);
    expect(cues.find(({ phase }) => phase === 'stopping')?.standsFor).toMatch(/^2031-01-01T(19:59|20:0)/);
  });
});
