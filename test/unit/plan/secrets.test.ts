import { describe, expect, it } from 'vitest';
import { minimal, problemsOf } from './plan-harness.ts';

describe('what could be a secret', () => {
  const secret = 'hunter2-do-not-leak';

  it.each([
    [{ streamKey: secret }],
    [{ password: secret }],
    [{ vendorOptions: { streamKey: secret } }],
    [{ vendorOptions: { clientSecret: secret, deeper: { token: secret } } }],
    [{ vendorOptions: [{ accessToken: secret }] }],
    [{ waits: { apiKey: secret } }],
    [{ sources: [`rtmp://user:${secret}@a.example/b`] }],
    [{ sources: [`rtmp://${secret}@a.example/b`] }],
    [{ sources: [`rtmp://user:${secret}/x@a.example/b`] }],
    [{ sources: [`srt://a.example:9000?passphrase=${secret}`] }],
    [{ sources: [`https://a.example/b.m3u8?auth_key=${secret}`] }],
    [{ sources: [`https://a.example/b.html?x=${secret}`] }],
    [{ sources: [`rtmp://a.example/b;ticket=${secret}`] }],
    [{ sources: [`rtmp://a.example/b#ticket=${secret}`] }],
    [{ sources: [`rtmp://a.example/ticket=${secret}/b`] }],
    [{ sources: `rtmp://user:${secret}@a.example/b` }],
  ])('is refused without being repeated: %j', (change) => {
    const problems = problemsOf({ ...minimal, ...change });
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });

  it('in a source comes with advice', () => {
    const [problem] = problemsOf({ ...minimal, sources: ['rtmp://user:pw@a.example/b'] });
    expect(problem).toEqual({
      path: 'sources[0]',
      given: '"rtmp://…@a.example/b"',
      message: expect.stringMatching(/user name or password.*history.*instead/),
    });
  });
});
