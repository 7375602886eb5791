import { userInfo } from 'node:os';
import { afterEach, expect, it, vi } from 'vitest';
import { TemporalSchedules } from '../../../cli/service/schedules.ts';
import { TemporalService } from '../../../cli/service/temporal-service.ts';
import type { ShowcallerClient } from '../../../client/client.ts';
import type { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';

afterEach(() => vi.unstubAllEnvs());

it.each([undefined, ''])('where USER is %j, events and schedules name the user of the process', async (USER) => {
  vi.stubEnv('USER', USER);
  const names: (string | undefined)[] = [];
  const schedules = { pause: async (_: string, note: string) => void names.push(note) };
  const client = { stopNow: async (_: string, { by }: { by: string }) => void names.push(by) };
  await new TemporalSchedules(schedules as unknown as ShowcallerSchedules).pause('weekly', {});
  await new TemporalService(client as unknown as ShowcallerClient).act('stop', 'final', { reason: 'it rains' });
  const { username } = userInfo();
  expect(names).toEqual([`paused by ${username}`, username]);
});
