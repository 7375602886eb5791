import { afterEach, beforeEach, expect, it } from 'vitest';
import { settingsOf } from '../../../../vendors/volcengine-live/options.ts';
import { preflight } from '../../../../vendors/volcengine-live/preflight.ts';
import { createSdk, type Sdk } from '../../../../vendors/volcengine-live/sdk.ts';
import { driverContext } from '../../../support/accounts.ts';
import { accountOf, eventOf, type Rehearsal, rehearse } from './volcengine-live-harness.ts';

let harness: Rehearsal;

beforeEach(async () => {
  harness = await rehearse();
});

afterEach(() => harness.sim.close());

async function unseenWith(changed: (sdk: Sdk) => Partial<Sdk>): Promise<unknown[]> {
  const settings = settingsOf(accountOf(harness.sim));
  const sdk = createSdk(settings, driverContext);
  const planned = () => Promise.resolve({ events: 0, slots: 0 } as never);
  return (await preflight(Object.assign(sdk, changed(sdk)), settings, eventOf('town-hall'), planned)).unseen;
}

it('a push address that does not say when it ends is not said to last: that is unseen', async () => {
  const unseen = { check: 'key-life', reason: expect.stringMatching(/when the push address ends/) };
  expect(await unseenWith(() => ({}))).not.toContainEqual(unseen);
  const unsigned = (sdk: Sdk): Partial<Sdk> => {
    const { pushUrls } = sdk;
    return {
      pushUrls: async (...asked) => {
        const answer = await pushUrls.apply(sdk, asked);
        return { ...answer, PushURLList: answer.PushURLList.map((url) => url.split('?')[0] ?? '') };
      },
    };
  };
  expect(await unseenWith(unsigned)).toContainEqual(unseen);
});
