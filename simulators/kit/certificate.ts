import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  key: string;
  cert: string;
}

const tags = { boolean: 1, integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, time: 24, sequence: 0x30, set: 0x31 };
const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
};
const dayMs = 86_400_000;
const validDays = 3650;

/**
 * A new key and a certificate of loopback signed with it, so that encoders can speak TLS to a simulator. Nothing
 * vouches for it: clients that check certificates must be configured to trust it. (RFC 5280, 4.1)
 */
export function loopbackCertificate(): Certificate {
  const now = Date.now();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const name = sequence(der(tags.set, sequence(oid(oids.commonName), text('showcaller simulator'))));
  const toBeSigned = sequence(
    der(0xa0, der(tags.integer, Buffer.of(2))),
    der(tags.integer, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(now - dayMs), time(now + validDays * dayMs)),
    name,
    publicKeyInfo,
    der(0xa3, sequence(extension(oids.subjectAltName, altNames()), extension(oids.basicConstraints, authority()))),
  );
  const certificate = sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, privateKey)));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(certificate),
  };
}

const altNames = (): Buffer =>
  sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.of(127, 0, 0, 1)),
    der(0x87, Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
  );

/** It may be trusted as it is, like a root. */
const authority = (): Buffer => sequence(der(tags.boolean, Buffer.of(0xff)));

const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(tags.octets, value));
const sequence = (...parts: Buffer[]): Buffer => der(tags.sequence, ...parts);
const text = (value: string): Buffer => der(tags.utf8, Buffer.from(value));
const bits = (value: Buffer): Buffer => der(tags.bits, Buffer.of(0), value);
const time = (at: number): Buffer =>
  der(
    tags.time,
    Buffer.from(
      new Date(at)
        .toISOString()
        .replace(/[-:T]/g, '')
        .replace(/\.\d+Z/, 'Z'),
    ),
  );

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((value) => {
    const digits = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(tags.oid, Buffer.of(first * 40 + second, ...bytes));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const pem = (certificate: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;
