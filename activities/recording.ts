import { sleep } from '@temporalio/activity';
import { redactor } from '../domain/redact.ts';
import type { LiveEventActivities, VodResult } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { msLeft, runDriverStep, runUntilDone } from './driver-step.ts';
import { notYet } from './failures.ts';
import { proveAll } from './proof/prove.ts';
import { ofThisShow } from './proof/shares.ts';

/** Vendors write for a moment after they call a recording final; later it changes ever more seldom, and a read costs. */
const leastAgainMs = 15_000;
const rereadAfterShare = 0.5;

/** Publishes what the vendor recorded, and proves it by reading it as a player would. */
export const vodActivities = (deps: ActivityDeps): Pick<LiveEventActivities, 'publishVod'> => ({
  publishVod: async (input) => {
    const begunAt = deps.clock.now();
    const { vendor, account } = input.channel.ref;
    const driver = await runDriverStep(deps, 'recording', () => deps.driver(vendor, account));
    const { value: assets, seen } = await runUntilDone(deps, 'recording', () =>
      driver.publishVod(input.channel, input.output, input.windows),
    );
    const proved = await runDriverStep(deps, 'recording', () =>
      proveAll({
        assets: ofThisShow(assets, input.windows),
        windows: input.windows,
        connections: input.connections,
        showEndedAt: input.endedAt,
        fetch: (url, range, asset) => driver.fetchVod(url, range, asset),
        whyNot: (url) => deps.http.whyNot(url),
        clean: redactor(deps.secrets()),
        ...(deps.decoder && { decoder: deps.decoder }),
        pause: (ms) => sleep(ms * Math.min(1, deps.timeScale)),
      }),
    );
    const result: VodResult = {
      proved: proved.proved,
      assets: proved.assets,
      reason: proved.reason,
      ...seen,
    };
    const stoppedForMs = (begunAt - input.stoppedAt) / Math.min(1, deps.timeScale);
    const againMs = Math.max(leastAgainMs, rereadAfterShare * stoppedForMs);
    // At the deadline, report the problems of this read instead of a read that would end too late.
    if (!result.proved && stoppedForMs < deps.proofGraceMs && againMs * deps.timeScale < msLeft(deps)) {
      throw notYet(`the recording to prove whole: ${result.reason}`, againMs, deps.timeScale, msLeft(deps));
    }
    return result;
  },
});
