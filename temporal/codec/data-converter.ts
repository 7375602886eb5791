import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Env } from '../dev-server/cache.ts';
import { aesGcmCodec } from './aes-gcm.ts';
// Not for its value: so that it is compiled too.
import './failure-converter.ts';
import { keyRingFrom } from './keys.ts';

/** The same place in the sources and in what is built from them. */
export const failureConverterPath: string = fileURLToPath(
  new URL(`./failure-converter${extname(import.meta.url)}`, import.meta.url),
);

/**
 * How failures are written with the keys of the environment; undefined where nothing is encrypted.
 *
 * @throws CodecSettingsError with everything that is wrong with the keys.
 */
export const failureConverterFrom = (env: Env = process.env): string | undefined =>
  keyRingFrom(env) && failureConverterPath;

/**
 * How payloads of this namespace are written and read, for clients and workers alike. Encrypts when
 * SHOWCALLER_CODEC_KEYS or SHOWCALLER_CODEC_KEYS_FILE is set; otherwise it only says which key is missing.
 *
 * @throws CodecSettingsError with everything that is wrong with the keys.
 */
export function dataConverterFrom(namespace: string, env: Env = process.env): DataConverter {
  const keys = keyRingFrom(env);
  return { payloadCodecs: [aesGcmCodec(keys, namespace)], ...(keys && { failureConverterPath }) };
}
