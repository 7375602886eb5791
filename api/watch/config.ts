import { accepted, type Checked, refused } from '../../domain/configuration/checked.ts';
import { type ConfigSources, fileVariableOf, secretText } from '../../domain/configuration/environment.ts';
import type { WatchMode } from './access.ts';

export const watchVariable = 'SHOWCALLER_WATCH';
export const watchSecretVariable = 'SHOWCALLER_WATCH_SECRET';

/**
 * Who may watch by the addresses below `/watch`. Off by default: it opens shows to people without a token of the API,
 * which an operator must have decided.
 */
export interface WatchConfig {
  mode: WatchMode;
  /** The first makes ids and tokens of viewers, all of them count. */
  secrets: readonly Buffer[];
}

export const watchModes = ['off', 'token', 'public'] as const satisfies readonly WatchMode[];
export const noWatch: WatchConfig = { mode: 'off', secrets: [] };

const leastBytes = 32;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The secrets stand one a line, or between commas, as base64. */
export function readWatch(mode: WatchMode, sources: ConfigSources): Checked<WatchConfig> {
  const text = secretText(watchSecretVariable, sources);
  if ('problem' in text) return refused(text.problem);
  const lines = (text.value ?? '').split(/[\n,]/).flatMap((line) => line.trim() || []);
  const secrets = lines.map((line) => (base64.test(line) ? Buffer.from(line, 'base64') : Buffer.alloc(0)));
  if (secrets.some(({ length }) => length < leastBytes)) {
    const message = `must be base64 of at least ${leastBytes} random bytes, such as \`openssl rand -base64 32\` prints`;
    return refused({ path: text.from, message });
  }
  if (mode === 'token' && secrets.length === 0) {
    const message = `is required with ${watchVariable}=token, here or in ${fileVariableOf(watchSecretVariable)}: it signs the tokens of viewers`;
    return refused({ path: watchSecretVariable, message });
  }
  return accepted({ mode, secrets });
}
