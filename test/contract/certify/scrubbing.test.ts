import { describe, expect, it } from 'vitest';
import { recordedShow } from '../../../certify/record.ts';
import type { WireExchange } from '../../../certify/wire.ts';
import { vendorNamed } from '../../../vendors/registry.ts';

const manifest = vendorNamed('aws-ivs');
if (!manifest) throw new Error('there is no vendor aws-ivs');
const account = { name: 'default', settings: { region: 'us-west-2', endpoint: 'http://127.0.0.1:4000' } };
const secret = `se"cr'et&<of>/the+account=`;

function recordOf(given: { url?: string; sent?: string; answer?: string; headers?: WireExchange['headers'] }): string {
  const { url = 'http://127.0.0.1:4000/ListChannels', sent = '', answer = '', headers = {} } = given;
  const common = { method: 'POST', requestHeaders: {}, status: 200 };
  const exchange = { ...common, url, requestBody: Buffer.from(sent), headers, body: Buffer.from(answer) };
  return JSON.stringify(recordedShow([exchange], { manifest: manifest as never, account, secrets: new Set([secret]) }));
}

const planted = 'planted0Value1';
/** Where a vendor might say a secret that is in no setting, or repeat one. */
const answers: [where: string, answer: string][] = [
  ['an element', `<Error><SignatureProvided>${planted}=</SignatureProvided></Error>`],
  ['an element of a session', `<Credentials><SessionToken>${planted}/+=</SessionToken></Credentials>`],
  ['an element whose text is escaped', `<Error><StringToSign>GET&amp;${planted}</StringToSign></Error>`],
  ['a member', JSON.stringify({ error: { accessToken: planted } })],
  ['JSON within JSON', JSON.stringify({ message: JSON.stringify({ url: `/live?sign=${planted}` }) })],
  ['the words of an error', JSON.stringify({ message: `Signature=${planted} is not what we calculated` })],
  ['an address without a scheme', JSON.stringify({ PushPath: `show?volcTime=1&volcSecret=${planted}` })],
  ['an address in XML', `<Url>rtmp://a.example/live/x?OSSAccessKeyId=id&amp;Signature=${planted}</Url>`],
  ['a token', `denied: Bearer eyJ0eXAiOiJKV1Qi.${planted}.sig`],
];

describe('a record', () => {
  it.each(answers)('has no secret that stands in %s of an answer', (_where, answer) => {
    expect(recordOf({ answer })).not.toContain(planted);
  });

  it.each(answers)('has no secret that stands in %s of what was sent', (_where, sent) => {
    expect(recordOf({ sent })).not.toContain(planted);
  });

  it.each([
    ['a form', { sent: `Action=AssumeRole&SecretAccessKey=${planted}&Version=2011-06-15` }],
    ['a query', { url: `http://127.0.0.1:4000/x?X-Amz-Signature=${planted}` }],
    ['a query of a name that is escaped', { url: `http://127.0.0.1:4000/x?access%5Ftoken=${planted}` }],
    ['a header', { headers: { location: `https://a.example/x?sig=${planted}` } }],
    ['a header without a host', { headers: { location: `/x?sig=${planted}` } }],
  ])('has no secret that stands in %s', (_where, given) => {
    expect(recordOf(given)).not.toContain(planted);
  });

  it('has no secret of the account, however it is spelled', () => {
    const spelled = [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(encodeURIComponent(secret)),
      encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ];
    for (const one of spelled) {
      for (const given of [
        { answer: `said ${one} there` },
        { sent: JSON.stringify({ said: one }) },
        ...(one.includes('%') ? [{ url: `http://h/${one}` }] : []),
      ]) {
        expect(recordOf(given)).not.toMatch(/cr'et|the%2Baccount|the\+account/i);
      }
    }
  });

  it.each([
    ['a mailbox', JSON.stringify({ systemData: { createdBy: 'jane.doe@contoso.example' } }), 'jane.doe'],
    ['a role', 'User: arn:aws:sts::210987654321:assumed-role/ops/jane.doe is not authorized', 'jane.doe'],
    [
      'the number of an account',
      JSON.stringify({ arn: 'arn:aws:ivs:us-west-2:210987654321:channel/x', path: 'ivs/v1/210987654321/x' }),
      '210987654321',
    ],
    ['an address', '<RemoteAddr>198.51.100.7:40123</RemoteAddr>', '198.51.100.7'],
  ])('has no name of a person or an account: %s', (_what, answer, name) => {
    expect(recordOf({ answer })).not.toContain(name);
  });

  it('keeps what decides: names of objects, words, rules for everybody', () => {
    const kept = recordOf({
      answer: '<ListBucketResult><KeyCount>1</KeyCount><Key>ivs/show.m3u8</Key></ListBucketResult>',
      sent: JSON.stringify({ allow: [{ address: '0.0.0.0', subnetPrefixLength: 0 }], insecureIngest: true }),
    });
    for (const word of ['<Key>ivs/show.m3u8</Key>', '0.0.0.0', 'insecureIngest']) expect(kept).toContain(word);
  });
});
