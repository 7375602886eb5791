import { apiSettings } from '../../api/config.ts';
import { codecSettings } from '../../temporal/codec/config.ts';
import { networkSettings } from '../../vendors/network.ts';
import { workerSettings } from '../../worker/config.ts';

/** All that processes are configured by, besides the accounts. */
export const settingsSchemas = { workerSettings, apiSettings, codecSettings, networkSettings };
