import { describe, expect, it } from 'vitest';
import { orThrow } from '../../../domain/configuration/checked.ts';
import { readSettings } from '../../../domain/configuration/settings.ts';
import { workerSettings } from '../../../worker/config.ts';
import { deploymentOf } from '../../../worker/versioning.ts';
import { noFiles } from '../../support/accounts.ts';

const bundle = { code: 'the workflows of today' };
const from = async (env: Record<string, string | undefined>, of = bundle) =>
  deploymentOf(orThrow(readSettings(workerSettings, { env, readFile: noFiles })), of);
const named = (SHOWCALLER_DEPLOYMENT: string, SHOWCALLER_BUILD_ID?: string) =>
  from({ SHOWCALLER_DEPLOYMENT, SHOWCALLER_BUILD_ID });

describe('the build a worker says it is', () => {
  it('is none, unless a deployment is named', async () => {
    expect(await from({})).toBeUndefined();
    expect(await named('')).toBeUndefined();
  });

  it('is the one that the environment names', async () => {
    expect(await named('showcaller', 'v1.4+7')).toEqual({ deploymentName: 'showcaller', buildId: 'v1.4+7' });
  });

  it('is by default the version and what the workflow code is', async () => {
    const [first, again] = [await named('showcaller'), await named('showcaller')];
    expect(first?.buildId).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
    expect(again).toEqual(first);
    const other = await from({ SHOWCALLER_DEPLOYMENT: 'showcaller' }, { code: 'other workflows' });
    expect(other?.buildId).not.toBe(first?.buildId);
  });

  it.each(['a.b', 'a:b', '-a', 'a b', 'x'.repeat(101)])('refuses the deployment %j, which Temporal refuses', (name) =>
    expect(named(name)).rejects.toThrow(/SHOWCALLER_DEPLOYMENT: must be letters/),
  );

  it.each(['a b', 'a:b', '.a', 'x'.repeat(129)])('refuses the build %j', (build) =>
    expect(named('showcaller', build)).rejects.toThrow(/SHOWCALLER_BUILD_ID: must be letters/),
  );

  it('refuses a build without a deployment, which would be ignored in silence', () =>
    expect(from({ SHOWCALLER_BUILD_ID: 'v1' })).rejects.toThrow('without SHOWCALLER_DEPLOYMENT'));
});
