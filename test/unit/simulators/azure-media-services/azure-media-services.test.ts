import { AzureMediaServices } from '@azure/arm-mediaservices';
import { describe, expect, it } from 'vitest';
import { Tokens } from '../../../../simulators/azure-media-services/signature.ts';
import type { SimRequest } from '../../../../simulators/kit/types.ts';
import { openHarness, seen } from '../../../support/azure-media-services-harness.ts';
import { codeOf, liveEvent, read, recording, stateOf } from './azure-simulator-harness.ts';

describe('the server', () => {
  it('wants a token it knows', async () => {
    const w = await openHarness();
    expect(await codeOf(await w.arm('GET', '/liveEvents', undefined, { authorization: '' }))).toEqual([
      401,
      'AuthenticationFailed',
    ]);
    const wrong = await w.arm('GET', '/liveEvents', undefined, { authorization: 'Bearer wrong' });
    expect(wrong.headers.get('www-authenticate')).toContain('invalid_token');
    expect(await codeOf(wrong)).toEqual([401, 'InvalidAuthenticationToken']);
  });

  it('takes tokens issued for the API key, and no others', async () => {
    const w = await openHarness();
    const { endpoint, subscriptionId, apiKey } = w.simulator.client;
    const ask = (body: object) => fetch(`${endpoint}/auth/token`, { method: 'POST', body: JSON.stringify(body) });
    expect((await ask({ subscriptionId, apiKey: 'wrong' })).status).toBe(401);
    const token = await (await ask({ subscriptionId, apiKey })).text();
    expect((await w.arm('GET', '/liveEvents', undefined, { authorization: `Bearer ${token}` })).status).toBe(200);
    const forged = token.replace(/\.[^.]+\./, `.${Buffer.from('{"exp":9999999999}').toString('base64url')}.`);
    expect(await codeOf(await w.arm('GET', '/liveEvents', undefined, { authorization: `Bearer ${forged}` }))).toEqual([
      401,
      'InvalidAuthenticationToken',
    ]);
  });

  it('refuses a token that expired', () => {
    const tokens = new Tokens('sub');
    const issuedAt = Date.parse('2026-12-01T00:00:00Z');
    const token = tokens.issue('sub', tokens.apiKey, issuedAt);
    const req = { headers: { authorization: `Bearer ${token}` } } as SimRequest;
    expect(() => tokens.verify(req, issuedAt + 3_599_000)).not.toThrow();
    expect(() => tokens.verify(req, issuedAt + 3_600_000)).toThrow(/expiry/);
  });

  it('wants an api-version it knows', async () => {
    const w = await openHarness();
    expect(await codeOf(await w.arm('GET', '/liveEvents?api-version='))).toEqual([400, 'MissingApiVersionParameter']);
    expect(await codeOf(await w.arm('GET', '/liveEvents?api-version=1999-01-01'))).toEqual([
      400,
      'InvalidApiVersionParameter',
    ]);
  });

  it('compares paths without case and keeps the case of names', async () => {
    const w = await openHarness();
    await w.arm('PUT', '/liveEvents/MyShow', liveEvent());
    const { client } = w.simulator;
    const path = `/SUBSCRIPTIONS/${client.subscriptionId}/resourcegroups/SIMULATED/providers/microsoft.media/MEDIASERVICES/ShowCaller/liveevents/myshow`;
    const response = await fetch(`${client.endpoint}${path}?api-version=2022-08-01`, {
      headers: { authorization: `Bearer ${client.token}` },
    });
    expect(await response.json()).toMatchObject({ name: 'MyShow' });
  });
});

describe('operations', () => {
  it('are accepted with two URLs and report an error object even on success', async () => {
    // A second each: on a busy machine the questions below take longer than a tenth of it.
    const w = await openHarness({ slowness: 5 });
    const created = await w.arm('PUT', '/liveEvents/Show', liveEvent());
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({
      properties: { resourceState: 'Stopped', provisioningState: 'InProgress' },
    });
    const poll = created.headers.get('azure-asyncoperation') ?? '';
    const location = created.headers.get('location') ?? '';
    expect(new URL(poll).pathname).toMatch(/\/resourcegroups\/simulated\/providers\/Microsoft\.Media\//);
    expect(new URL(location).pathname).toMatch(/\/liveevents\/Show\/operationlocations\//);

    const headers = { authorization: `Bearer ${w.simulator.client.token}` };
    const ask = async (url: string) => await fetch(url, { headers });
    expect(await (await ask(poll)).json()).toMatchObject({ status: 'InProgress' });
    expect((await ask(location)).status).toBe(202);
    const done = await seen(
      async () => (await (await ask(poll)).json()) as { status: string; error: unknown },
      ({ status }) => status === 'Succeeded',
    );
    expect(done.error).toMatchObject({ code: 'None', message: null });
    expect(await (await ask(location)).json()).toMatchObject({ id: expect.stringMatching(/operationlocations/) });
  });

  it('run one at a time on a live event', async () => {
    const w = await openHarness({ slowness: 1 });
    await w.arm('PUT', '/liveEvents/show', liveEvent());
    expect(await codeOf(await w.arm('POST', '/liveEvents/show/start'))).toEqual([409, 'Conflict']);
  });

  it('satisfy the pollers of the real SDK from creation to deletion', async () => {
    const w = await openHarness({ slowness: 0.1 });
    const { client } = w.simulator;
    const token = { token: client.token ?? '', expiresOnTimestamp: Date.now() + 3_600_000 };
    const sdk = new AzureMediaServices({ getToken: async () => token }, client.subscriptionId ?? '', {
      endpoint: client.endpoint,
      allowInsecureConnection: true,
    });
    sdk.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
    sdk.pipeline.addPolicy({
      name: 'token',
      sendRequest(request, next) {
        request.headers.set('authorization', `Bearer ${token.token}`);
        return next(request);
      },
    });
    const [group, media] = [client.resourceGroup ?? '', client.accountName ?? ''];
    const options = { updateIntervalInMs: 20 };
    const event = { location: 'westeurope', tags: { a: 'b' }, input: { streamingProtocol: 'RTMP' } };
    const made = await sdk.liveEvents.beginCreateAndWait(group, media, 'sdk', event, options);
    expect(made).toMatchObject({ name: 'sdk', resourceState: 'Stopped', tags: { a: 'b' } });
    await sdk.liveEvents.beginAllocateAndWait(group, media, 'sdk', options);
    await sdk.liveEvents.beginStartAndWait(group, media, 'sdk', options);
    await sdk.assets.createOrUpdate(group, media, 'sdk', {});
    const recorder = { assetName: 'sdk', archiveWindowLength: 'PT1H' };
    const output = await sdk.liveOutputs.beginCreateAndWait(group, media, 'sdk', 'out', recorder, options);
    expect(output.resourceState).toBe('Running');
    await sdk.liveEvents.beginStopAndWait(group, media, 'sdk', { removeOutputsOnStop: true }, options);
    const names: (string | undefined)[] = [];
    for await (const one of sdk.liveOutputs.list(group, media, 'sdk')) names.push(one.name);
    expect(names).toEqual([]);
    const changed = await sdk.liveEvents.beginUpdateAndWait(group, media, 'sdk', {
      location: 'westeurope',
      tags: { c: 'd' },
    });
    expect(changed.tags).toEqual({ c: 'd' });
    await sdk.streamingEndpoints.beginStartAndWait(group, media, 'default', options);
    expect((await sdk.streamingEndpoints.get(group, media, 'default')).resourceState).toBe('Running');
    await sdk.liveEvents.beginDeleteAndWait(group, media, 'sdk', options);
    await expect(sdk.liveEvents.get(group, media, 'sdk')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });
});

describe('a live event', () => {
  it('refuses what its state forbids and stays in it', async () => {
    const w = await openHarness();
    await w.arm('PUT', '/liveEvents/show', liveEvent());
    expect((await codeOf(await w.arm('POST', '/liveEvents/show/stop', {})))[0]).toBe(400);
    await w.arm('POST', '/liveEvents/show/start');
    expect((await codeOf(await w.arm('POST', '/liveEvents/show/start')))[0]).toBe(400);
    expect((await codeOf(await w.arm('DELETE', '/liveEvents/show')))[0]).toBe(400);
    expect(await stateOf(w, 'show')).toBe('Running');
    await recording(w, 'show');
    expect((await codeOf(await w.arm('POST', '/liveEvents/show/stop', {})))[0]).toBe(400);
    expect((await w.arm('POST', '/liveEvents/show/stop', { removeOutputsOnStop: true })).status).toBe(202);
    expect((await w.arm('DELETE', '/liveEvents/show')).status).toBe(202);
    expect((await w.arm('DELETE', '/liveEvents/show')).status).toBe(204);
  });

  it.each([
    ['a name that ends in a dash', 'show-', liveEvent()],
    ['a name longer than 32', 'x'.repeat(33), liveEvent()],
    ['no protocol', 'show', { location: 'westeurope', properties: {} }],
    ['no location', 'show', { properties: { input: { streamingProtocol: 'RTMP' } } }],
    ['an unknown encoding', 'show', liveEvent({ encoding: { encodingType: 'Best' } })],
  ])('is not made with %s', async (_what, name, body) => {
    const w = await openHarness();
    expect((await w.arm('PUT', `/liveEvents/${name}`, body)).status).toBe(400);
    expect(w.simulator.made().liveEvent).toBe(0);
  });

  it('is made only where the account is', async () => {
    const w = await openHarness();
    const elsewhere = await w.arm('PUT', '/liveEvents/show', { ...liveEvent(), location: 'eastus' });
    expect([elsewhere.status, await elsewhere.json()]).toEqual([
      404,
      { error: { code: 'ResourceNotFound', message: expect.stringContaining("mediaServices/showcaller'") } },
    ]);
    expect((await w.arm('PUT', '/liveEvents/show', { ...liveEvent(), location: 'West Europe' })).status).toBe(201);
  });

  it.each([
    ['microsoft-team', 'x'],
    ['Azure', 'x'],
    ['windowsOwner', 'x'],
    ['a/b', 'x'],
    ['n'.repeat(513), 'x'],
    ['team', 'v'.repeat(257)],
  ])('refuses the tag %s, at creation and afterwards', async (name, value) => {
    const w = await openHarness();
    const tags = { [name]: value };
    expect((await w.arm('PUT', '/liveEvents/show', { ...liveEvent(), tags })).status).toBe(400);
    expect(w.simulator.made().liveEvent).toBe(0);
    expect((await w.arm('PUT', '/liveEvents/show', { ...liveEvent(), tags: { team: 'x' } })).status).toBe(201);
    expect((await w.arm('PATCH', '/liveEvents/show', { tags })).status).toBe(400);
  });

  it('keeps to itself what only the service may say', async () => {
    const w = await openHarness();
    const readOnly = {
      resourceState: 'Running',
      provisioningState: 'Failed',
      created: '2001-01-01T00:00:00Z',
      input: { streamingProtocol: 'RTMP', endpoints: [{ protocol: 'RTMP', url: 'rtmp://elsewhere' }] },
    };
    await w.arm('PUT', '/liveEvents/show', liveEvent(readOnly));
    const { properties } = await read(w, '/liveEvents/show');
    expect(properties).toMatchObject({ resourceState: 'Stopped', provisioningState: 'Succeeded' });
    expect(properties.input.endpoints).toEqual([]);
    expect(JSON.stringify(properties)).not.toContain('2001-01-01');
  });

  it.each(['input.accessToken', 'preview.previewLocator', 'encoding.encodingType'])(
    'refuses another %s afterwards',
    async (path) => {
      const w = await openHarness();
      await w.arm('PUT', '/liveEvents/show', liveEvent());
      const [part = '', member = ''] = path.split('.');
      const changed = await w.arm('PATCH', '/liveEvents/show', { properties: { [part]: { [member]: 'Standard' } } });
      expect(changed.status).toBe(400);
    },
  );

  it('is the sixth that is one too many', async () => {
    const w = await openHarness();
    for (const id of [1, 2, 3, 4, 5]) expect((await w.arm('PUT', `/liveEvents/e${id}`, liveEvent())).status).toBe(201);
    expect(await codeOf(await w.arm('PUT', '/liveEvents/e6', liveEvent()))).toEqual([403, 'QuotaExceeded']);
  });

  it('shows where to push from StandBy on, and elsewhere after each stop unless its host is static', async () => {
    const w = await openHarness();
    const urls = async (name: string) =>
      (await read(w, `/liveEvents/${name}`)).properties.input.endpoints.map(({ url }) => url);
    await w.arm('PUT', '/liveEvents/moving', liveEvent());
    await w.arm('PUT', '/liveEvents/fixed', liveEvent({ useStaticHostname: true }));
    for (const [name, stays] of [
      ['moving', false],
      ['fixed', true],
    ] as const) {
      expect(await urls(name)).toEqual([]);
      await w.arm('POST', `/liveEvents/${name}/allocate`);
      const first = await urls(name);
      expect(first.map((url) => new URL(url).protocol)).toEqual(['rtmp:', 'rtmp:', 'rtmps:', 'rtmps:']);
      expect(first[0]).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/[^/]+\/live\/[0-9a-f]{32}$/);
      await w.arm('POST', `/liveEvents/${name}/stop`, {});
      expect(await urls(name)).toEqual(stays ? first : []);
      await w.arm('POST', `/liveEvents/${name}/start`);
      expect((await urls(name))[0] === first[0]).toBe(stays);
    }
  });

  it('is listed in pages whose links work as they are', async () => {
    const w = await openHarness({}, { pageSize: 2 });
    for (const name of ['b', 'A', 'c']) await w.arm('PUT', `/liveEvents/${name}`, liveEvent());
    type List = { value: { name: string }[]; '@odata.nextLink'?: string };
    const first = (await (await w.arm('GET', '/liveEvents')).json()) as List;
    expect(first.value.map(({ name }) => name)).toEqual(['A', 'b']);
    const headers = { authorization: `Bearer ${w.simulator.client.token}` };
    const second = (await (await fetch(first['@odata.nextLink'] ?? '', { headers })).json()) as List;
    expect(second.value.map(({ name }) => name)).toEqual(['c']);
    expect(second['@odata.nextLink']).toBeUndefined();
  });
});

describe('locators and assets', () => {
  it('cannot be put twice, or onto nothing', async () => {
    const w = await openHarness();
    const properties = { assetName: 'tape', streamingPolicyName: 'Predefined_ClearStreamingOnly' };
    expect((await w.arm('PUT', '/streamingLocators/one', { properties })).status).toBe(400);
    expect((await w.arm('PUT', '/assets/tape', {})).status).toBe(201);
    expect((await w.arm('PUT', '/assets/tape', {})).status).toBe(200);
    expect((await w.arm('PUT', '/streamingLocators/one', { properties })).status).toBe(201);
    expect(await codeOf(await w.arm('PUT', '/streamingLocators/one', { properties }))).toEqual([409, 'Conflict']);
    expect((await w.arm('DELETE', '/assets/tape')).status).toBe(200);
    expect((await w.arm('GET', '/streamingLocators/one')).status).toBe(404);
  });
});
