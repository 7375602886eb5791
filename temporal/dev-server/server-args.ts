import { type AttributeKey, cliTypeOf } from '../attribute-types.ts';

export interface ServerArgs {
  port: number;
  /** Absent: no web interface. */
  uiPort?: number;
  namespace: string;
  /** Absent: everything is in memory. */
  dbFile?: string;
  searchAttributes: readonly AttributeKey[];
}

const dynamicConfig = {
  // Nothing on loopback has a use for the default pause of up to 50 ms at every hop: 8 activities take 0.1 s, not 0.8 s.
  'history.transferProcessorMaxPollRPS': 1000,
  // Timers and retries would fire up to a second late.
  'history.timerProcessorMaxTimeShift': '"10ms"',
  // The default limits are for one of many servers; a test suite would reach them.
  'frontend.rps': 100_000,
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceRPS.visibility': 1_000,
  // The check for new versions would call a host on the internet.
  'frontend.enableServerVersionCheck': false,
  // A step that a run asks for goes to its worker with the answer, without a turn through the task queue: a fifth less CPU for a show.
  'system.enableActivityEagerExecution': true,
  // `start-dev` sets it: each write and each row of a list would read the names of the search attributes from the store.
  'system.forceSearchAttributesCacheRefreshOnRead': false,
  // Without the new matcher the priorities of activities count for nothing. Server 1.30 has it by default.
  'matching.useNewMatcher': true,
  // A priority holds within a partition.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

/** https://docs.temporal.io/cli/server#start-dev */
export function serverArgs(args: ServerArgs): string[] {
  const ui = args.uiPort === undefined ? ['--headless'] : ['--ui-port', String(args.uiPort)];
  const db = args.dbFile
    ? ['--db-filename', args.dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL']
    : [];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(args.port), '--namespace', args.namespace],
    ...['--log-level', 'error', ...ui, ...db],
    ...Object.entries(dynamicConfig).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ...args.searchAttributes.flatMap((key) => ['--search-attribute', `${key.name}=${cliTypeOf(key)}`]),
  ];
}
