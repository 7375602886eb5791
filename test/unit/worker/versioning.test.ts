import { describe, expect, it } from 'vitest';
import { deploymentVersionFrom } from '../../../worker/versioning.ts';

const bundle = { code: 'the workflows of today' };
const named = (SHOWCALLER_DEPLOYMENT: string, SHOWCALLER_BUILD_ID?: string) =>
  deploymentVersionFrom({ SHOWCALLER_DEPLOYMENT, SHOWCALLER_BUILD_ID }, bundle);

describe('the build a worker says it is', () => {
  it('is none, unless a deployment is named', async () => {
    expect(await deploymentVersionFrom({}, bundle)).toBeUndefined();
    expect(await named('')).toBeUndefined();
  });

  it('is the one that the environment names', async () => {
    expect(await named('showcaller', 'v1.4+7')).toEqual({ deploymentName: 'showcaller', buildId: 'v1.4+7' });
  });

  it('is by default the version and what the workflow code is', async () => {
    const [first, again] = [await named('showcaller'), await named('showcaller')];
    expect(first?.buildId).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
    expect(again).toEqual(first);
    const other = await deploymentVersionFrom({ SHOWCALLER_DEPLOYMENT: 'showcaller' }, { code: 'other workflows' });
    expect(other?.buildId).not.toBe(first?.buildId);
  });

  it.each(['a.b', 'a:b', '-a', 'a b', 'x'.repeat(101)])(
    'refuses the deployment %j, which Temporal could not tell',
    (name) => expect(named(name)).rejects.toThrow(/^SHOWCALLER_DEPLOYMENT is .*: use letters/),
  );

  it.each(['a b', 'a:b', '.a', 'x'.repeat(129)])('refuses the build %j', (build) =>
    expect(named('showcaller', build)).rejects.toThrow(/^SHOWCALLER_BUILD_ID is .*: use letters/),
  );

  it('refuses a build without a deployment, which would be ignored in silence', () =>
    expect(deploymentVersionFrom({ SHOWCALLER_BUILD_ID: 'v1' }, bundle)).rejects.toThrow(
      'without SHOWCALLER_DEPLOYMENT',
    ));
});
