import { judgeOss } from './alibaba-oss.ts';
import { judgeIvs } from './aws-ivs.ts';
import { judgeAzure } from './azure-media-services.ts';
import type { Judge } from './judge.ts';
import { judgeVolcengine } from './volcengine-live.ts';

/** By vendor; a vendor without a published model has none. */
export const judges: Readonly<Record<string, Judge>> = {
  'alibaba-oss': judgeOss,
  'aws-ivs': judgeIvs,
  'azure-media-services': judgeAzure,
  'volcengine-live': judgeVolcengine,
};
