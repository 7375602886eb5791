import { DefaultLogger, type LogEntry, type LogLevel, Runtime } from '@temporalio/worker';

/** One JSON line each on stderr: people pipe it, machines read it. */
function writeLine({ level, timestampNanos, message, meta }: LogEntry): void {
  const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const { error, ...rest } = (meta ?? {}) as { error?: unknown };
  const told = error instanceof Error ? { error: error.message } : {};
  process.stderr.write(`${JSON.stringify({ at, level, message, ...rest, ...told }, plainly)}\n`);
}

const plainly = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

let installed = false;

/** Once per process, before any native connection. */
export function installRuntime(level: LogLevel): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger(level, writeLine),
    telemetryOptions: { logging: { filter: { core: level, other: level }, forward: {} } },
  });
}
