import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** How often the server was asked for each operation, since its start. */
export interface ServerCalls {
  queries: number;
  describes: number;
  lists: number;
  all: number;
}

/** Counts calls by the server's own metrics, so that nothing stands between it and those that call it. Linux only. */
export async function countCalls(pid: number | undefined): Promise<() => Promise<ServerCalls>> {
  for (const port of portsOf(pid)) {
    const url = `http://127.0.0.1:${port}/metrics`;
    if ((await textOf(url))?.includes('\nservice_requests')) return async () => callsIn((await textOf(url)) ?? '');
  }
  throw new Error('the server has no metrics');
}

async function textOf(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    // The other ports speak gRPC.
    return undefined;
  }
}

/** The ports on which a process listens. https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
function portsOf(pid: number | undefined): number[] {
  const folder = `/proc/${pid}/fd/`;
  const sockets = new Set(readdirSync(folder).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(folder + fd))?.[1]));
  const listens = '0A';
  const tables = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n'));
  return tables.flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === listens && sockets.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since it was listed.
    return '';
  }
}

function callsIn(metrics: string): ServerCalls {
  const calls: ServerCalls = { queries: 0, describes: 0, lists: 0, all: 0 };
  for (const [, labels = '', value] of metrics.matchAll(/^service_requests\{([^}]*)\} (\S+)$/gm)) {
    if (!labels.includes('service_name="frontend"')) continue;
    const count = Number(value);
    calls.all += count;
    if (labels.includes('operation="QueryWorkflow"')) calls.queries += count;
    if (labels.includes('operation="DescribeWorkflowExecution"')) calls.describes += count;
    if (labels.includes('operation="ListWorkflowExecutions"')) calls.lists += count;
  }
  return calls;
}
