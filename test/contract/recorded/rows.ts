import type { Exchange, Recording } from './recording.ts';

/** A fact about the wire: an exchange that shows it, in traffic of that version. The replay compares every field of it. */
export interface Row {
  number: number;
  what: string;
  apiVersion: string;
  /** Beginning of the request. */
  request: string;
  shows(exchange: Exchange, recording: Recording): boolean;
}

export const isIn = (recording: Recording, row: Row): boolean =>
  recording.exchanges.some((one) => one.request.startsWith(row.request) && row.shows(one, recording));

const properties = ({ answer }: Exchange) =>
  (answer as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};
const inputOf = (exchange: Exchange) => (properties(exchange).input ?? {}) as { [name: string]: unknown };
const endpointsOf = (exchange: Exchange) => (inputOf(exchange).endpoints ?? []) as { protocol: string; url: string }[];
const encodingOf = (exchange: Exchange) => properties(exchange).encoding as Record<string, unknown> | undefined;
const has = ({ headers }: Exchange, ...names: string[]) => names.every((name) => headers[name] !== undefined);
const json = ({ answer }: Exchange) => JSON.stringify(answer ?? '');
const isStopped = (exchange: Exchange) => properties(exchange).resourceState === 'Stopped';
const longOperation = ['azure-asyncoperation', 'location'];

/** The rows of the comparison with the service, in its order. */
export const rows: Row[] = [
  {
    ...{ number: 1, what: 'a change of a stopped event is an operation', apiVersion: '2021-11-01', request: 'PATCH' },
    shows: (one) =>
      one.status === 202 && has(one, ...longOperation) && properties(one).provisioningState === 'InProgress',
  },
  {
    ...{
      number: 2,
      what: 'a deleted event is absent in words',
      apiVersion: '2022-08-01',
      request: 'GET /liveEvents/show',
    },
    shows: (one) =>
      one.status === 404 &&
      json(one) === '{"error":{"code":"ResourceNotFound","message":"The Channel was not found."}}' &&
      one.headers['content-type'] === 'application/json; charset=utf-8',
  },
  {
    ...{
      number: 3,
      what: 'an output is made at once',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show/liveOutputs',
    },
    shows: (one) =>
      one.status === 200 && !has(one, 'azure-asyncoperation') && properties(one).resourceState === 'Creating',
  },
  {
    ...{
      number: 4,
      what: 'without an encoding there is none',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show',
    },
    shows: (one) =>
      JSON.stringify(encodingOf(one)) ===
      '{"encodingType":"None","presetName":null,"stretchMode":null,"keyFrameInterval":null}',
  },
  {
    ...{ number: 5, what: 'no encoding, no stretch mode', apiVersion: '2021-11-01', request: 'PUT /liveEvents/show' },
    shows: (one) => encodingOf(one)?.encodingType === 'None' && encodingOf(one)?.stretchMode === null,
  },
  {
    ...{ number: 6, what: 'the token stays after a stop', apiVersion: '2021-06-01', request: 'GET /liveEvents/show' },
    shows: (one, { exchanges }) =>
      isStopped(one) &&
      exchanges.indexOf(one) > exchanges.findIndex(({ request }) => request.endsWith('/stop')) &&
      inputOf(one).accessToken === '{token:key}',
  },
  {
    ...{
      number: 7,
      what: 'a static host name keeps its endpoints',
      apiVersion: '2020-05-01',
      request: 'GET {root}/liveevents',
    },
    shows: (one) => isStopped(one) && endpointsOf(one).length === 4,
  },
  {
    ...{ number: 8, what: 'RTMP runs on four endpoints', apiVersion: '2020-05-01', request: 'GET /liveEvents/show' },
    shows: (one) =>
      endpointsOf(one)
        .map(({ url }) => url.split(':')[0])
        .join(' ') === 'rtmp rtmp rtmps rtmps',
  },
  {
    ...{ number: 9, what: 'fragmented MP4 is sent by HTTP', apiVersion: '2021-06-01', request: 'GET /liveEvents/show' },
    shows: (one) =>
      endpointsOf(one).some(({ protocol, url }) => protocol === 'FragmentedMP4' && url.endsWith('/ingest.isml')),
  },
  {
    ...{
      number: 10,
      what: 'what starts by itself is stopped at first',
      apiVersion: '2020-05-01',
      request: 'PUT /liveEvents/show?autoStart=true',
    },
    shows: (one) =>
      isStopped(one) && properties(one).provisioningState === 'InProgress' && endpointsOf(one).length === 0,
  },
  {
    ...{
      number: 11,
      what: 'long operations say when to ask',
      apiVersion: '2022-08-01',
      request: 'GET {root}/liveeventoperations',
    },
    shows: (one) => one.headers['retry-after'] === '2',
  },
  {
    ...{
      number: 12,
      what: 'names keep their case in polls',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show',
    },
    shows: (one) => one.headers['azure-asyncoperation']?.startsWith('{root}/') === true,
  },
  {
    ...{
      number: 13,
      what: 'a poll names itself and what was made',
      apiVersion: '2022-08-01',
      request: 'GET {root}/liveeventoperations',
    },
    shows: (one) => has(one, 'azure-asyncoperation') && /"target":"0{8}-0{4}-0{4}-0{4}-0{12}"/.test(json(one)),
  },
  {
    ...{
      number: 14,
      what: 'a location is shown by its name',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show',
    },
    shows: (one, { location }) => location === 'westus2' && json(one).includes('"location":"West US 2"'),
  },
  {
    ...{
      number: 15,
      what: 'a manifest is named by a GUID',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show/liveOutputs',
    },
    shows: (one) => properties(one).manifestName === '{guid:manifest}',
  },
  {
    ...{
      number: 16,
      what: 'what was not given is empty or null',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show',
    },
    shows: (one) =>
      properties(one).description === '' &&
      properties(one).hostnamePrefix === null &&
      inputOf(one).keyFrameIntervalDuration === '' &&
      inputOf(one).accessControl === null,
  },
  {
    ...{ number: 17, what: 'every resource has its system data', apiVersion: '2022-08-01', request: 'PUT /assets' },
    shows: (one) => json(one).includes('"systemData":{"createdBy":'),
  },
  {
    ...{
      number: 18,
      what: 'an event is a little older than it says later',
      apiVersion: '2022-08-01',
      request: 'PUT /liveEvents/show',
    },
    shows: (one, { order }) =>
      properties(one).created === '{time:asked}' && JSON.stringify(order) === '[["asked","created"]]',
  },
  {
    ...{ number: 19, what: 'the usual headers', apiVersion: '2022-08-01', request: 'GET /liveEvents/show' },
    shows: (one) =>
      has(one, 'odata-version', 'cache-control', 'pragma', 'expires', 'strict-transport-security') &&
      has(one, 'x-content-type-options', 'x-ms-routing-request-id'),
  },
  {
    ...{ number: 20, what: 'the order of fields', apiVersion: '2022-08-01', request: 'PUT /liveEvents/show' },
    shows: (one) =>
      Object.keys(properties(one)).join(' ').startsWith('description resourceState provisioningState created') &&
      Object.keys(properties(one)).join(' ').includes('input preview encoding'),
  },
];
