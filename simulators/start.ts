import { openBeyondLoopback } from './beyond-loopback.ts';
import { startControl } from './kit/control.ts';
import { createKit } from './kit/kit.ts';
import type { RunningSimulator, SimulatorKit, SimulatorModule } from './kit/types.ts';
import { simulators } from './registry.ts';

export interface SimulatorsOptions {
  /** Default: all there are. */
  vendors?: readonly string[];
  /** Loopback only. Default 127.0.0.1. */
  host?: string;
  /** How long transitions take, relative to the usual simulated ones. Default 1; 0 = at once. */
  slowness?: number;
  /** The control interface, at a port of one's own or at any free one. Default: none. */
  control?: boolean | number;
  /** Fixed ports from this one on: of each vendor its API's and its RTMP's. Default: any free ones. */
  portsFrom?: number;
  /** Other addresses, where the fixed ports are open too. */
  alsoAt?: readonly string[];
  /** For tests of the start itself. Default: the registry. */
  modules?: readonly SimulatorModule[];
}

export interface RunningSimulators {
  kit: SimulatorKit;
  running: RunningSimulator[];
  /** Exactly what a worker needs in its environment for the account `default` of every vendor. */
  env: Record<string, string>;
  /** The control interface's URL, if it was asked for. */
  controlUrl?: string;
  /** May be called again. */
  close(): Promise<void>;
}

interface Closeable {
  close(): Promise<void>;
}

/** All simulators or none: when one cannot start, those before it are closed again. */
export async function startSimulators(options: SimulatorsOptions = {}): Promise<RunningSimulators> {
  const { host = '127.0.0.1', slowness, control = false, portsFrom, alsoAt = [] } = options;
  refuseOtherThanLoopback(host);
  const modules = chosen(options);
  const ports = portsFrom === undefined ? [] : modules.flatMap((_, i) => [portsFrom + 2 * i, portsFrom + 2 * i + 1]);
  const kit = createKit();
  const running: RunningSimulator[] = [];
  const opened: Closeable[] = [];
  const close = async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  };
  try {
    for (const [i, module] of modules.entries()) {
      const [port, rtmpPort] = ports.slice(2 * i);
      const simulator = await module.start(kit, { host, slowness, ...(port && { port, rtmpPort }) });
      running.push(simulator);
      opened.push(simulator);
    }
    opened.push(await openBeyondLoopback(alsoAt, ports));
    const env = Object.assign({}, ...running.map((one) => one.env)) as Record<string, string>;
    if (control === false) return { kit, running, env, close };
    const controlPort = typeof control === 'number' ? control : undefined;
    const controller = await startControl({ kit, simulators: running, host, port: controlPort });
    opened.push(controller);
    return { kit, running, env, controlUrl: controller.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The simulators hand out credentials and take pictures from anyone who has them. */
function refuseOtherThanLoopback(host: string): void {
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return;
  throw new Error(`the simulators listen on loopback only, not on ${host}: use 127.0.0.1, ::1 or localhost`);
}

function chosen({ vendors, modules = simulators }: SimulatorsOptions): SimulatorModule[] {
  const known = modules.map((module) => module.vendor);
  const unknown = (vendors ?? []).filter((vendor) => !known.includes(vendor));
  if (unknown.length > 0) {
    throw new Error(`there is no simulator of ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  }
  return modules.filter((module) => !vendors || vendors.includes(module.vendor));
}
