import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Campaign, type CampaignOptions } from './campaign.ts';
import { scenarioOf } from './scenario.ts';

/** Longer than a scenario is ever played, and the campaign may be busy with those before it. */

/** One test for each seed; a failure says how to repeat it. Says at the end what the campaign came to. */
export function allHold(options: CampaignOptions): void {
  const { firstSeed, count } = options;
  const scenarios = Array.from({ length: count }, (_, i) => scenarioOf(firstSeed + i));
  let campaign: Campaign;
  beforeAll(async () => {
    campaign = await Campaign.begin(options);
  });
  afterAll(async () => {
    await campaign.end();
    process.stdout.write(`${JSON.stringify(campaign.stats.summary, undefined, 2)}\n`);
  });

  describe('whatever breaks, nothing leaks and nothing doubles', () => {
    it.each(scenarios.map(({ seed, vendor }) => [seed, vendor] as const))('in scenario %i on %s', async (seed) => {
      const complaints = await campaign.complaintsAbout(seed);
      if (complaints !== '') expect.fail(complaints);
    });
  });
}
