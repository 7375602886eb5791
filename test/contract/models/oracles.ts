import { ossOracle } from './alibaba-oss.ts';
import { ivsOracle } from './aws-ivs.ts';
import { azureOracle } from './azure-media-services.ts';
import type { Oracle } from './oracle.ts';
import { volcengineOracle } from './volcengine-live.ts';

/** By vendor; a vendor without a published model has none. */
export const oracles: Readonly<Record<string, Oracle>> = {
  'alibaba-oss': ossOracle,
  'aws-ivs': ivsOracle,
  'azure-media-services': azureOracle,
  'volcengine-live': volcengineOracle,
};
