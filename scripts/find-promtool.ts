import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../temporal/dev-server/run-command.ts';
import { type FindOptions, findTool, type Tool } from './find-tool.ts';

const timeoutMs = 2 * 60_000;

const promtool: Tool = {
  name: 'promtool',
  folder: 'promtool',
  advice: 'install prometheus to have the alert rules tested',
  get: {
    command: 'apt-get download prometheus',
    // Unpacked instead of installed: that needs no rights and starts no service.
    into: async (scratch, env) => {
      const options = { env, cwd: scratch, timeoutMs };
      const download = () => runCommand('apt-get', ['download', 'prometheus'], options);
      // A fresh machine has no list of packages; only some users may fetch it.
      await download().catch(() => runCommand('apt-get', ['update'], options).then(download));
      const [archive = ''] = (await readdir(scratch)).filter((name) => name.endsWith('.deb'));
      await runCommand('dpkg-deb', ['-x', archive, '.'], options);
      return join(scratch, 'usr/bin/promtool');
    },
  },
};

/** Prometheus' own tool, from Debian's package where there is none. */
export const findPromtool = (options: FindOptions): Promise<string | undefined> => findTool(promtool, options);
