import { orThrow } from '../../domain/configuration/checked.ts';
import { readSettings } from '../../domain/configuration/settings.ts';
import { directNetwork } from '../../vendors/network.ts';
import { type WorkerConfig, workerSettings } from '../../worker/config.ts';
import { accountsFrom, noFiles } from './accounts.ts';

/** The defaults of a worker, without accounts, and with all of the vendors' rates many times over. */
export function workerConfig(overrides: Partial<WorkerConfig> = {}): WorkerConfig {
  const settings = orThrow(readSettings(workerSettings, { env: {}, readFile: noFiles }));
  return {
    ...settings,
    rateShare: 1_000,
    ffmpeg: '',
    temporal: { address: 'nowhere:0', addressFrom: 'a test', namespace: 'default', timeoutMs: 1, options: {} },
    accounts: accountsFrom({}),
    network: directNetwork,
    subscribers: [],
    onConflict: 'refuse',
    telemetry: {},
    ...overrides,
  };
}
