import { describe, expect, it } from 'vitest';
import { workflowIdOf } from '../../domain/ids.ts';
import { startEncoder } from '../../simulators/kit/encoder.ts';
import { vendors } from '../../vendors/registry.ts';
import { until } from '../support/until.ts';
import { withHarness } from './contract-harness.ts';
import { overwriteTag } from './overwrite-tag.ts';
import { reach, refusalOf } from './reach.ts';
import { eventFor, firstEndpoint, opened, untilEncoder } from './show.ts';

/** A stream of Volcengine has no tag: its name is its ownership tag, and nobody can change that. */
const tagged = vendors.filter(({ name }) => name !== 'volcengine-live');

it('knows how a tag is overwritten at each vendor that has tags', () => {
  expect(Object.keys(overwriteTag).sort()).toEqual(tagged.map(({ name }) => name).sort());
});

describe.concurrent.each(tagged)('$name', (manifest) => {
  it.concurrent('a channel whose ownership tag was overwritten is a conflict that costs, never gone or released', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const event = eventFor(harness, 'overwritten');
      const { channel, output } = await opened(driver, event);
      const overwrite = (owner: string) => overwriteTag[manifest.name]?.(harness, channel, owner);
      const { url } = await firstEndpoint(driver, channel);
      await overwrite(workflowIdOf('another'));
      const encoder = await startEncoder({ url });
      // Where the look at the encoder is a look at the tag too, it is refused.
      await until(async () => {
        const seen = await driver.observe(channel).catch((error: unknown) => {
          expect(error).toMatchObject({ kind: 'conflict' });
          return { encoder: 'refused' };
        });
        return seen.encoder !== 'absent';
      });
      const there = harness.ofEvents();

      for (const step of [
        () => driver.stop(channel, output),
        () => driver.cleanUp(channel.ref),
        () => driver.start(channel),
        () => driver.reset(channel, output),
        () => driver.allocate({ ...event, made: channel.ref }),
      ]) {
        const { facts } = await refusalOf(step as () => Promise<never>);
        expect(facts).toMatchObject({ kind: 'conflict', advice: expect.stringMatching(/\w+/) });
        expect(facts.message).toMatch(/still billed/);
      }
      expect(harness.ofEvents()).toEqual(there);

      await encoder.stop();
      await encoder.done;
      await overwrite(event.workflowId);
      await untilEncoder(driver, channel, 'absent');
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));
});
