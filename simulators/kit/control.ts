import { type ControlProblem, checkBody, encoderRequest, faultRequest } from './control-requests.ts';
import { EncoderPool } from './encoder-pool.ts';
import { type RunningHttpServer, startHttpServer } from './http-server.ts';
import { messageOf } from './message-of.ts';
import type { RunningSimulator, SimRequest, SimResponse, SimulatorKit } from './types.ts';

export interface ControlOptions {
  kit: SimulatorKit;
  simulators: readonly RunningSimulator[];
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: any free one. */
  port?: number;
}

interface Controlled {
  /** Only this machine reaches it. */
  isLocal: boolean;
  kit: SimulatorKit;
  simulators: readonly RunningSimulator[];
  encoders: EncoderPool;
}

type Route = (controlled: Controlled, req: SimRequest, id: string) => SimResponse | Promise<SimResponse>;

const routes: Record<string, Route> = {
  'GET /log': ({ kit }, { query }) =>
    json(
      200,
      kit.log.entries({ vendor: query.get('vendor') ?? undefined, operation: query.get('operation') ?? undefined }),
    ),
  'DELETE /log': ({ kit }) => {
    kit.log.clear();
    return nothing;
  },
  'POST /faults': addFault,
  'DELETE /faults': ({ kit }, { query }) => {
    kit.faults.clear(query.get('vendor') ?? undefined);
    return nothing;
  },
  'GET /resources': ({ simulators }) =>
    json(
      200,
      simulators.flatMap((one) => one.resources()),
    ),
  'GET /billed': ({ simulators }) =>
    json(
      200,
      simulators.flatMap((one) => one.billed()),
    ),
  'GET /simulators': ({ simulators }) =>
    json(
      200,
      simulators.map(({ vendor, env, client }) => ({ vendor, env, client })),
    ),
  'GET /env': ({ simulators }) => ({
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: exportLines(Object.assign({}, ...simulators.map((one) => one.env))),
  }),
  'GET /encoders': ({ encoders }) => json(200, encoders.list()),
  'POST /encoders': startOne,
  'DELETE /encoders/:id': endOne,
};

/** What rehearsals and tests in any language steer the simulators with: JSON over HTTP, no authentication, loopback only. */
export async function startControl({ kit, simulators, host, port }: ControlOptions): Promise<RunningHttpServer> {
  const isLocal = host === undefined || isLoopback(host);
  const controlled = { isLocal, kit, simulators, encoders: new EncoderPool() };
  const server = await startHttpServer({ host, port, respond: (req) => respond(controlled, req) });
  return {
    ...server,
    close: async () => {
      await controlled.encoders.close();
      await server.close();
    },
  };
}

async function respond(controlled: Controlled, req: SimRequest): Promise<SimResponse> {
  // A web page the user happens to visit must not steer the simulators, nor read the accounts by a name of its own.
  if (req.headers.origin !== undefined) return refusal(403, 'requests from web pages are not taken');
  if (controlled.isLocal && !isLoopback(hostIn(req.headers.host)))
    return refusal(403, 'ask by 127.0.0.1, [::1] or localhost: others lead here by mistake, or on purpose');
  const [, noun = '', id = '', ...rest] = req.path.split('/');
  const place = `/${noun}${id === '' ? '' : '/:id'}`;
  const route = rest.length > 0 ? undefined : routes[`${req.method} ${place}`];
  if (route) return route(controlled, req, id);
  return refusal(404, `no ${req.method} ${req.path} here; there are: ${Object.keys(routes).join(', ')}`);
}

const hostIn = (host = ''): string => (URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '');

const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host);

function addFault({ kit, simulators }: Controlled, { body }: SimRequest): SimResponse {
  const checked = checkBody(faultRequest(simulators.map((one) => one.vendor)), body);
  if (!checked.ok) return invalid(checked.problems);
  const { vendor, ...fault } = checked.value;
  kit.faults.add(vendor, fault);
  return json(201, checked.value);
}

async function startOne({ encoders }: Controlled, { body }: SimRequest): Promise<SimResponse> {
  const checked = checkBody(encoderRequest, body);
  if (!checked.ok) return invalid(checked.problems);
  try {
    return json(201, await encoders.start(checked.value));
  } catch (error) {
    return refusal(409, messageOf(error));
  }
}

async function endOne({ encoders }: Controlled, { query }: SimRequest, id: string): Promise<SimResponse> {
  const ended = await encoders.end(id, { drop: query.get('drop') === '1' });
  return ended ? json(200, ended) : refusal(404, `there is no encoder ${id}`);
}

/** What a shell can `eval`. */
export const exportLines = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('');

const nothing: SimResponse = { status: 204 };
const invalid = (problems: ControlProblem[]): SimResponse => json(400, { error: 'the request is not valid', problems });
const refusal = (status: number, error: string): SimResponse => json(status, { error });

function json(status: number, value: unknown): SimResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value, null, 2)}\n` };
}
