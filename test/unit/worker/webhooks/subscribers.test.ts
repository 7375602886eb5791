import { describe, expect, it } from 'vitest';
import { readSubscribers } from '../../../../worker/webhooks/subscribers.ts';
import { newSecret } from '../../../simulation/webhooks/webhooks-harness.ts';

const secret = newSecret();
const ops = { url: 'https://ops.example/hook' };

function load(webhooks: unknown, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const section = webhooks === undefined ? undefined : JSON.parse(JSON.stringify(webhooks));
  return readSubscribers(section, {
    env,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
  });
}

function problemsOf(webhooks: unknown, env: Record<string, string> = { SHOWCALLER_WEBHOOK_OPS_SECRET: secret }) {
  const loaded = load(webhooks, env);
  return loaded.ok ? [] : loaded.problems;
}

describe('subscribers', () => {
  it('are none where none are configured', () => {
    expect(load(undefined)).toEqual({ ok: true, value: [] });
    expect(load({})).toEqual({ ok: true, value: [] });
  });

  it('get everything but the ingest endpoints, and only of plans that name them, unless they say otherwise', () => {
    const types = ['phase-changed', 'starts-soon', 'encoder-changed', 'on-air', 'warning', 'ended'];
    expect(load({ ops }, { SHOWCALLER_WEBHOOK_OPS_SECRET: secret })).toEqual({
      ok: true,
      value: [{ name: 'ops', url: ops.url, types, isDefault: false, secrets: [secret] }],
    });
    const said = { ...ops, events: ['ended'], default: true, ingest: true };
    expect(load({ ops: said }, { SHOWCALLER_WEBHOOK_OPS_SECRET: secret })).toMatchObject({
      value: [{ types: ['ended', 'ingest'], isDefault: true }],
    });
  });

  it('may have several secrets while one is being replaced, and have them in a file', () => {
    const older = newSecret();
    const files = { '/run/secrets/on-call': `${secret} ${older}\n` };
    const loaded = load({ 'on-call': ops }, { SHOWCALLER_WEBHOOK_ON_CALL_SECRET_FILE: '/run/secrets/on-call' }, files);
    expect(loaded).toMatchObject({ value: [{ name: 'on-call', secrets: [secret, older] }] });
  });

  it('may be kept for tenants, and each tenant may trust one of its own with the keys of encoders', () => {
    const env = { SHOWCALLER_WEBHOOK_OPS_SECRET: secret, SHOWCALLER_WEBHOOK_STUDIO_SECRET: newSecret() };
    const [acme, bolt] = [['acme'], ['bolt', 'Cork & Co']].map((tenants) => ({ ...ops, ingest: true, tenants }));
    expect(load({ ops: acme, studio: bolt }, env)).toMatchObject({
      value: [{ tenants: ['acme'] }, { tenants: ['bolt', 'Cork & Co'] }],
    });
    for (const other of [
      { ...bolt, tenants: ['bolt', 'acme'] },
      { ...ops, ingest: true },
    ])
      expect(problemsOf({ ops: acme, studio: other }, env).map(({ path }) => path)).toEqual(['webhooks.studio.ingest']);
    expect(problemsOf({ ops: { ...ops, tenants: [] } })).toHaveLength(1);
    expect(problemsOf({ ops: { ...ops, tenants: ['a"b'] } })).toHaveLength(1);
  });

  it('may be on this machine without TLS', () => {
    for (const host of ['localhost:8080', '127.0.0.1:1', '[::1]:80']) {
      expect(problemsOf({ ops: { url: `http://${host}/hook` } })).toEqual([]);
    }
  });
});

describe('formats', () => {
  const hook = 'https://hooks.slack.example/services/T0/B0/k3y';
  const mail = { url: 'smtps://mail.example', from: 'Shows <shows@acme.example>', to: ['night@acme.example'] };

  it('have their address or key in the environment, and a filter', () => {
    const env = {
      SHOWCALLER_WEBHOOK_CHAT_URL: hook,
      SHOWCALLER_WEBHOOK_PAGER_SECRET: 'R0'.repeat(16),
    };
    const given = {
      chat: { format: 'slack', severity: 'warning', vendors: ['aws-ivs'] },
      pager: { format: 'pagerduty' },
      mail: { ...mail, format: 'email' },
    };
    expect(load(given, env)).toMatchObject({
      value: [
        { name: 'chat', url: hook, format: 'slack', severity: 'warning', vendors: ['aws-ivs'], secrets: [hook] },
        { name: 'pager', url: 'https://events.pagerduty.com/v2/enqueue', secrets: ['R0'.repeat(16)] },
        { name: 'mail', url: mail.url, mail: { from: mail.from, to: mail.to }, secrets: [] },
      ],
    });
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['an address of Slack in the file', { format: 'slack', url: hook }, { OPS_URL: hook }, 'webhooks.ops.url'],
    ['no address of Teams', { format: 'teams' }, {}, 'SHOWCALLER_WEBHOOK_OPS_URL'],
    ['plain http to Teams', { format: 'teams' }, { OPS_URL: 'http://x.example/k3y' }, 'SHOWCALLER_WEBHOOK_OPS_URL'],
    ['a short routing key', { format: 'pagerduty' }, { OPS_SECRET: 'k3y' }, 'SHOWCALLER_WEBHOOK_OPS_SECRET'],
    ['a mail without recipients', { ...mail, format: 'email', to: undefined }, {}, 'webhooks.ops.to'],
    [
      'a recipient that is two',
      { ...mail, format: 'email', to: ['a@b.example, c@d.example'] },
      {},
      'webhooks.ops.to[0]',
    ],
    ['a web address for mail', { ...mail, format: 'email', url: 'https://mail.example' }, {}, 'webhooks.ops.url'],
    [
      'a mail server for a pager',
      { format: 'pagerduty', url: mail.url },
      { OPS_SECRET: 'R0'.repeat(16) },
      'webhooks.ops.url',
    ],
    ['recipients of a chat', { format: 'slack', to: mail.to }, { OPS_URL: hook }, 'webhooks.ops.to'],
    ['the keys of encoders for a chat', { format: 'slack', ingest: true }, { OPS_URL: hook }, 'webhooks.ops.ingest'],
    ['an unknown format', { ...ops, format: 'fax' }, { OPS_SECRET: secret }, 'webhooks.ops.format'],
    ['an unknown severity', { ...ops, severity: 'grave' }, { OPS_SECRET: secret }, 'webhooks.ops.severity'],
  ])('with %s are refused, and nothing secret is quoted', (_what, given, env, path) => {
    const named = Object.fromEntries(Object.entries(env).map(([name, value]) => [`SHOWCALLER_WEBHOOK_${name}`, value]));
    const problems = problemsOf({ ops: given }, named);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(JSON.stringify(problems)).not.toContain('k3y');
  });
});

describe('a configuration', () => {
  it('says what stands where something else belongs', () => {
    expect(problemsOf({ ops: { url: 7 } })).toEqual([
      { path: 'webhooks.ops.url', message: 'must be a string, not a number' },
    ]);
  });

  it.each([
    ['plain http', { url: 'http://ops.example/' }, 'webhooks.ops.url'],
    ['a host that only begins like loopback', { url: 'http://127.0.0.1.example/' }, 'webhooks.ops.url'],
    ['another protocol', { url: 'file:///etc/passwd' }, 'webhooks.ops.url'],
    ['credentials', { url: 'https://user:pa55@ops.example/' }, 'webhooks.ops.url'],
    ['no address', {}, 'webhooks.ops.url'],
    ['an unknown event', { ...ops, events: ['everything'] }, 'webhooks.ops.events'],
    ['addresses of encoders among the events', { ...ops, events: ['ingest'] }, 'webhooks.ops.events'],
    ['no event', { ...ops, events: [] }, 'webhooks.ops.events'],
    ['a text for a truth', { ...ops, ingest: 'yes' }, 'webhooks.ops.ingest'],
    ['an unknown field', { ...ops, retries: 3 }, 'webhooks.ops.retries'],
    ['a secret', { ...ops, secret }, 'webhooks.ops.secret'],
    ['no object', 'https://ops.example/', 'webhooks.ops'],
  ])('with %s is refused', (_what, given, path) => {
    const problems = problemsOf({ ops: given });
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(JSON.stringify(problems)).not.toMatch(/pa55|whsec_[A-Za-z0-9+/]{10}/);
  });

  it.each([
    ['no secret', {}],
    ['a secret of another form', { SHOWCALLER_WEBHOOK_OPS_SECRET: 'hunter2hunter2hunter2hunter2hunter2' }],
    ['a short secret', { SHOWCALLER_WEBHOOK_OPS_SECRET: 'whsec_c2hvcnQ=' }],
    ['one bad secret of two', { SHOWCALLER_WEBHOOK_OPS_SECRET: `${secret} whsec_c2hvcnQ=` }],
  ])('with %s is refused without quoting it', (_what, env) => {
    const problems = problemsOf({ ops }, env as Record<string, string>);
    expect(problems.map(({ path }) => path)).toEqual(['SHOWCALLER_WEBHOOK_OPS_SECRET']);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|c2hvcnQ/);
  });

  it('is refused with everything that is wrong with it at once', () => {
    const problems = problemsOf(
      { ops: { url: 'http://ops.example/', ingest: 1 }, Bad_Name: ops, two: { ...ops, ingest: true } },
      { SHOWCALLER_WEBHOOK_TWO_SECRET: secret, SHOWCALLER_WEBHOOK_NOBODY_SECRET: secret },
    );
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'SHOWCALLER_WEBHOOK_BAD_NAME_SECRET',
      'SHOWCALLER_WEBHOOK_NOBODY_SECRET',
      'SHOWCALLER_WEBHOOK_OPS_SECRET',
      'webhooks.Bad_Name',
      'webhooks.ops.ingest',
      'webhooks.ops.url',
    ]);
  });

  it('trusts one subscriber at most with the keys of encoders', () => {
    const env = { SHOWCALLER_WEBHOOK_ONE_SECRET: secret, SHOWCALLER_WEBHOOK_TWO_SECRET: secret };
    const trusted = { ...ops, ingest: true };
    expect(problemsOf({ one: trusted, two: trusted }, env).map(({ path }) => path)).toEqual(['webhooks.two.ingest']);
  });

  it('has at most eight subscribers', () => {
    const names = Array.from({ length: 9 }, (_, i) => `r${i}`);
    const env = Object.fromEntries(names.map((name) => [`SHOWCALLER_WEBHOOK_${name.toUpperCase()}_SECRET`, secret]));
    expect(problemsOf(Object.fromEntries(names.map((name) => [name, ops])), env)).toMatchObject([{ path: 'webhooks' }]);
  });
});
