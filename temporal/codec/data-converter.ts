import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Environment } from '../../domain/configuration/environment.ts';
import { aesGcmCodec } from './aes-gcm.ts';
// Imported only to be compiled: the SDK loads it by its path.
import './failure-converter.ts';
import { type KeyRing, keyRingFrom } from './keys.ts';

/** The same place in the sources and in what is built from them. */
export const failureConverterPath: string = fileURLToPath(
  new URL(`./failure-converter${extname(import.meta.url)}`, import.meta.url),
);

/**
 * How payloads of this namespace are written and read with these keys, for clients and workers alike. Without keys
 * nothing is encrypted; it only says which key is missing.
 */
export const dataConverterWith = (namespace: string, keys: KeyRing | undefined): DataConverter => ({
  payloadCodecs: [aesGcmCodec(keys, namespace, { required: keys?.required })],
  ...(keys && { failureConverterPath }),
});

/**
 * The data converter with the keys that SHOWCALLER_CODEC_KEYS or SHOWCALLER_CODEC_KEYS_FILE holds.
 *
 * @throws ConfigurationError with everything that is wrong with the keys.
 */
export const dataConverterFrom = (namespace: string, env: Environment = process.env): DataConverter =>
  dataConverterWith(namespace, keyRingFrom(env));
