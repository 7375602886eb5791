import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/** `token`: only with a viewer token; `public`: everyone who knows the address. */
export type WatchMode = 'off' | 'token' | 'public';

const vectorBytes = 16;
const prefix = '~';
const digest = (key: Buffer, ...parts: (string | Buffer)[]): Buffer => {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/** Keys for one purpose each, made of one secret. */
const keysOf = (secret: Buffer) => ({
  seal: digest(secret, 'showcaller watch: cipher'),
  name: digest(secret, 'showcaller watch: id'),
  token: digest(secret, 'showcaller watch: token'),
});

/**
 * What names an event in a viewer's address, and the tokens that let viewers in. Both are made of the event's key and a secret of
 * the API: nothing is stored, and every process with the same secret knows them.
 */
export class ViewerAccess {
  readonly #secrets: ReturnType<typeof keysOf>[];

  /** @param secrets the first makes ids and tokens; those of all count */
  constructor(secrets: readonly Buffer[]) {
    this.#secrets = secrets.map(keysOf);
  }

  /**
   * The event's id, or, for an event of a tenant, its key encrypted: it is always the same, and says nothing to those who see
   * it. Undefined where that needs a secret and there is none.
   */
  idOf({ key, tenant }: { key: string; tenant?: string | undefined }): string | undefined {
    if (tenant === undefined && !key.includes('/')) return key;
    const [secret] = this.#secrets;
    if (!secret) return undefined;
    // The vector is made of what is encrypted, as in SIV: it proves what was decrypted. https://www.rfc-editor.org/rfc/rfc5297
    const vector = digest(secret.name, key).subarray(0, vectorBytes);
    const cipher = createCipheriv('aes-256-ctr', secret.seal, vector);
    return prefix + Buffer.concat([vector, cipher.update(key, 'utf8'), cipher.final()]).toString('base64url');
  }

  /** The event key that an id names, and whether the id alone proves that its holder was given it. */
  keyOf(id: string): { key: string; isSealed: boolean } | undefined {
    if (!id.startsWith(prefix)) return { key: id, isSealed: false };
    const bytes = Buffer.from(id.slice(prefix.length), 'base64url');
    if (bytes.length <= vectorBytes) return undefined;
    const vector = bytes.subarray(0, vectorBytes);
    for (const { seal, name } of this.#secrets) {
      const decipher = createDecipheriv('aes-256-ctr', seal, vector);
      const key = Buffer.concat([decipher.update(bytes.subarray(vectorBytes)), decipher.final()]);
      if (timingSafeEqual(digest(name, key).subarray(0, vectorBytes), vector))
        return { key: key.toString('utf8'), isSealed: true };
    }
    return undefined;
  }

  /** Lets its holder watch this event until then, epoch milliseconds. @throws Error without a secret */
  tokenFor(id: string, until: number): string {
    const [secret] = this.#secrets;
    if (!secret) throw new Error('a viewer token needs a secret: a bug');
    const seconds = Math.floor(until / 1000).toString(36);
    return `${seconds}-${signatureOf(secret.token, id, seconds).toString('base64url')}`;
  }

  admits(id: string, token: string | undefined, now: number): boolean {
    const [, seconds = '', given = ''] = /^([0-9a-z]{1,9})-([\w-]{43})$/.exec(token ?? '') ?? [];
    if (Number.parseInt(seconds || '0', 36) * 1000 <= now) return false;
    const signature = Buffer.from(given, 'base64url');
    return this.#secrets.some((secret) => {
      const wanted = signatureOf(secret.token, id, seconds);
      return signature.length === wanted.length && timingSafeEqual(signature, wanted);
    });
  }
}

const signatureOf = (key: Buffer, id: string, seconds: string): Buffer => digest(key, `${seconds}\n${id}`);
