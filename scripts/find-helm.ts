import { join } from 'node:path';
import { runCommand } from '../temporal/dev-server/run-command.ts';
import { type FindOptions, findTool } from './find-tool.ts';

const version = 'v3.22.0';
const goModule = `helm.sh/helm/v3/cmd/helm@${version}`;
/** Measured with empty caches: 3 min 42 s of processor time, so about two minutes on two idle cores. */
const timeoutMs = 20 * 60_000;

/** Helm, built with Go where there is none. */
export const findHelm = (options: FindOptions): Promise<string | undefined> =>
  findTool(
    {
      name: 'helm',
      folder: `helm-${version}`,
      advice: '`npm run get-helm` builds one, some minutes, once',
      get: {
        command: `go install ${goModule}`,
        into: async (scratch, env) => {
          await runCommand('go', ['install', goModule], { env: { ...env, GOBIN: scratch }, timeoutMs });
          return join(scratch, 'helm');
        },
      },
    },
    options,
  );
