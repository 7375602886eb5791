import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { searchAttributes } from '../../../workflows/search-attributes.ts';
import { until } from '../../support/until.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A Temporal server with a file, on one port for all its lives. */
export class OwnServer {
  readonly address: string;
  readonly namespace = 'default';
  readonly folder: string;
  #server: EmbeddedServer;

  private constructor(folder: string, server: EmbeddedServer) {
    this.folder = folder;
    this.#server = server;
    this.address = server.address;
  }

  static async open(): Promise<OwnServer> {
    const folder = await mkdtemp(join(tmpdir(), 'showcaller-crash-'));
    return new OwnServer(folder, await started(folder));
  }

  /** SIGKILL, and the same file again. */
  async crash(meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
    const { pid = 0 } = this.#server;
    this.#server.kill();
    await Promise.all([until(() => !isAlive(pid)), meanwhile()]);
    this.#server = await started(this.folder, Number(this.address.split(':')[1]));
  }

  async close(): Promise<void> {
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Never the one that TEMPORAL_ADDRESS names: it is to be killed. */
function started(folder: string, port?: number): Promise<EmbeddedServer> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
  return startEmbeddedServer({
    env,
    port,
    dbFile: join(folder, 'temporal.db'),
    searchAttributes: Object.values(searchAttributes),
  });
}
