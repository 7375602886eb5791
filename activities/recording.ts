import { sleep } from '@temporalio/activity';
import type { LiveEventActivities, VodInput, VodResult } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { msLeft, runDriverStep, runUntilDone } from './driver-step.ts';
import { notYet } from './failures.ts';
import { proveAll } from './proof/prove.ts';

const lookAgainMs = 15_000;

/** Publishes what the vendor recorded, and proves it by reading it as a player would. */
export const vodActivities = (deps: ActivityDeps): Pick<LiveEventActivities, 'publishVod'> => ({
  publishVod: async (input) => {
    const { vendor, account } = input.channel.ref;
    const driver = await runDriverStep(deps, 'recording', () => deps.driver(vendor, account));
    const assets = await runUntilDone(deps, 'recording', () =>
      driver.publishVod(input.channel, input.output, input.windows),
    );
    const proved = await runDriverStep(deps, 'recording', () =>
      proveAll({
        assets,
        windows: input.windows,
        showEndedAt: input.endedAt,
        fetch: (url, range, asset) => driver.fetchVod(url, range, asset),
        whyNot: (url) => deps.http.whyNot(url),
        ...(deps.decoder && { decoder: deps.decoder }),
        pause: (ms) => sleep(ms * Math.min(1, deps.timeScale)),
      }),
    );
    const result: VodResult = { proved: proved.proved, assets: proved.assets, reason: proved.reason };
    if (!result.proved && mayStillChange(deps, input)) {
      throw notYet(`the recording to prove whole: ${result.reason}`, lookAgainMs, deps.timeScale, msLeft());
    }
    return result;
  },
});

/** Vendors write for a moment after they call a recording final. */
const mayStillChange = (deps: ActivityDeps, input: VodInput): boolean =>
  Date.now() - input.stoppedAt < deps.proofGraceMs * Math.min(1, deps.timeScale);
