import { z } from 'zod';
import { accepted, type Checked, refused, together } from '../../domain/configuration/checked.ts';
import type { ConfigSources } from '../../domain/configuration/environment.ts';
import { readSettings } from '../../domain/configuration/settings.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { readTokenFile } from '../token-file.ts';
import { type KeyRing, keysFileVariable, keysVariable, readKeys } from './keys.ts';
import { type CodecToken, codecTokens, tokensVariable } from './tokens.ts';

const devUi = ['http://127.0.0.1:8233', 'http://localhost:8233'];
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

/** What the codec server takes from its command line and its variables, besides keys and tokens. */
export const codecSettings = z
  .object({
    host: z.string().default('127.0.0.1').meta({
      flag: '--host',
      argument: '<host>',
      description: 'where to listen; elsewhere than on loopback only with tokens',
    }),
    port: z.coerce.number().int().min(0).max(65_535).default(8081).meta({
      flag: '--port',
      argument: '<port>',
      description: 'where to listen; 0 for any free port',
    }),
    origins: z
      .union([z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean)), z.array(z.string())])
      .pipe(z.array(z.string().refine(isOrigin, 'is no origin: write https://host or https://host:port alone')))
      .default(devUi)
      .meta({
        flag: '--origin',
        argument: '<url...>',
        variable: 'SHOWCALLER_CODEC_ORIGINS',
        description: 'where the UI is',
      }),
    tokensFile: z
      .string()
      .optional()
      .meta({ variable: tokensVariable, description: 'token file: the callers and their rights' }),
  })
  .check(({ value: { host, tokensFile }, issues }) => {
    if (tokensFile || isLoopback(host)) return;
    const message = `on ${host} every caller could decrypt: set ${tokensVariable}, or listen on 127.0.0.1`;
    issues.push({ code: 'custom', path: ['host'], message, input: host });
  });

type Settings = z.output<typeof codecSettings>;

export interface CodecConfig extends Pick<Settings, 'host' | 'port' | 'origins'> {
  keys: KeyRing;
  /** Absent: every caller on this machine. */
  tokens?: { file: string; entries: CodecToken[] };
}

/** The configuration of a codec server, or everything that is wrong with it. */
export function readCodecConfig(sources: ConfigSources): Checked<CodecConfig> {
  const file = sources.env[tokensVariable];
  const parts = together<{ settings: Settings; keys: KeyRing; tokens: CodecToken[] | undefined }>({
    settings: readSettings(codecSettings, sources),
    keys: keysIn(sources),
    tokens: file ? readTokenFile(file, codecTokens, sources.readFile) : accepted(undefined),
  });
  if (!parts.ok) return parts;
  const { keys, tokens, settings } = parts.value;
  const { host, port, origins } = settings;
  return accepted({ host, port, origins, keys, ...(file && tokens && { tokens: { file, entries: tokens } }) });
}

function keysIn(sources: ConfigSources): Checked<KeyRing> {
  const keys = readKeys(sources);
  if (!keys.ok) return keys;
  const message = `is not set, nor ${keysFileVariable}: nothing to decrypt with`;
  return keys.value ? accepted(keys.value) : refused({ path: keysVariable, message });
}
