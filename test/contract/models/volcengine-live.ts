import { foreignMembers, isObject, jsonOf, type Oracle, wrongType } from './oracle.ts';

/** `text`, `number` …, a list, or an object; a `?` behind its name: may be missing. */
type Shape =
  | 'text'
  | 'number'
  | 'boolean'
  | 'any'
  | 'instant'
  | readonly [Shape]
  | { readonly [member: string]: Shape };

const pagination = { PageCur: 'number', PageSize: 'number', PageTotal: 'number', TotalCount: 'number' } as const;
const stream = { App: 'text', Stream: 'text', Vhost: 'text' } as const;
const format = {
  'Enable?': 'boolean',
  'Duration?': 'number',
  'RealtimeRecordDuration?': 'number',
  'Splice?': 'number',
  'TOSParam?': { 'Bucket?': 'text', 'Enable?': 'boolean', 'StorageDir?': 'text', 'ExactObject?': 'text' },
  'VODParam?': 'any',
} as const satisfies Shape;

/**
 * The Result of each call, a table made from the vendor's own structs of version 2023-01-01
 * (https://github.com/volcengine/volc-sdk-golang, service/live/v20230101/model.go) and the pages of its reference.
 * No package on a registry carries these models.
 */
const results: Readonly<Record<string, Shape | 'none'>> = {
  // The only one in snake_case. https://www.volcengine.com/docs/6469/1126847
  DescribeLiveStreamState: { stream_state: 'text', type: 'text' },
  DescribeLiveStreamInfoByPage: {
    RoughCount: 'number',
    StreamInfoList: [{ ...stream, ID: 'number', Domain: 'text', SessionStartTime: 'text', SourceType: 'text' }],
  },
  DescribeClosedStreamInfoByPage: {
    RoughCount: 'number',
    StreamInfoList: [{ ...stream, Domain: 'text', StartTime: 'instant', EndTime: 'instant', SourceType: 'text' }],
  },
  DescribeForbiddenStreamInfoByPage: {
    RoughCount: 'number',
    StreamInfoList: [{ ...stream, Domain: 'text', CreateTime: 'instant', EndTime: 'instant', Status: 'any' }],
  },
  ForbidStream: 'none',
  ResumeStream: 'none',
  KillStream: 'none',
  GeneratePushURL: {
    AuthType: 'text',
    PushURLList: ['text'],
    PushURLListDetail: [{ URL: 'text', DomainApp: 'text', StreamSign: 'text' }],
    RtmURLList: ['text'],
    RtmpOverSrtURLList: ['text'],
    TsOverSrtURLList: ['text'],
    WebTransportURLList: ['text'],
  },
  GeneratePlayURL: {
    AuthType: 'text',
    URLList: [{ CDN: 'text', Protocol: 'text', Type: 'text', SubStreamURL: ['any'], URL: 'text' }],
  },
  CreateRelaySourceV4: { TaskId: 'text' },
  UpdateRelaySourceV4: 'none',
  DeleteRelaySourceV4: 'none',
  ListRelaySourceV4: {
    List: [{ App: 'text', Domain: 'text', Stream: 'text', SrcAddrS: ['text'], StartTime: 'number', EndTime: 'number' }],
    Pagination: pagination,
  },
  UpdateRelaySourceV3: 'none',
  DeleteRelaySourceV3: 'none',
  DescribeRelaySourceV3: {
    RelaySourceConfigList: [
      {
        Vhost: 'text',
        App: 'text',
        GroupDetails: [
          {
            Group: 'text',
            Servers: [{ RelaySourceDomain: 'text', RelaySourceProtocol: 'text', RelaySourceParams: 'any' }],
          },
        ],
      },
    ],
  },
  CreateRecordPresetV2: { PresetName: 'text' },
  UpdateRecordPresetV2: 'none',
  DeleteRecordPreset: 'none',
  ListVhostRecordPresetV2: {
    PresetList: [
      {
        ...stream,
        'SlicePresetV2?': {
          'ID?': 'number',
          'Name?': 'text',
          'RecordPresetConfig?': {
            'FlvParam?': format,
            'HlsParam?': format,
            'Mp4Param?': format,
            'OriginRecord?': 'number',
            'SliceDuration?': 'number',
            'TranscodeRecord?': 'number',
            'TranscodeSuffixList?': ['text'],
          },
        },
      },
    ],
  },
  DescribeRecordTaskFileHistory: {
    Data: [
      {
        ...stream,
        Bucket: 'text',
        Path: 'text',
        FileName: 'text',
        Format: 'text',
        Duration: 'text',
        StartTime: 'instant',
        EndTime: 'instant',
        StartTimeUTC: 'instant',
        EndTimeUTC: 'instant',
        Vid: 'text',
      },
    ],
    Pagination: pagination,
  },
  CreateLiveStreamRecordIndexFiles: {
    Domain: 'text',
    App: 'text',
    Stream: 'text',
    CreateTimeUTC: 'instant',
    StartTimeUTC: 'instant',
    EndTimeUTC: 'instant',
    Duration: 'number',
    Width: 'number',
    Height: 'number',
    RecordURL: 'text',
    OutputBucket: 'text',
    OutputObject: 'text',
  },
  UpdateCallback: 'none',
  DescribeCallback: {
    'CallbackList?': [
      {
        ...{ App: 'text', Vhost: 'text', MessageType: 'text' },
        AuthEnable: 'boolean',
        AuthField: 'any',
        AuthKeyPrimary: 'text',
        CreateTime: 'text',
        CreateTimeUTC: 'instant',
        TranscodeCallback: 'number',
        'CallbackDetailList?': [{ CallbackType: 'text', URL: 'text' }],
      },
    ],
  },
  ListDomainDetail: {
    Total: 'number',
    'DomainList?': [
      {
        CNAME: 'text',
        CertDomain: 'text',
        ChainID: 'text',
        CnameCheck: 'number',
        CreateTime: 'instant',
        Domain: 'text',
        DomainCheck: 'number',
        ICPCheck: 'number',
        ProjectName: 'text',
        PushDomain: 'text',
        Region: 'text',
        Status: 'number',
        Tags: [{ Category: 'text', Key: 'text', Value: 'text' }],
        Type: 'text',
        Vhost: 'text',
      },
    ],
  },
};

const metadata = {
  Action: 'text',
  Region: 'text',
  RequestId: 'text',
  Service: 'text',
  Version: 'text',
  'Error?': { Code: 'text', 'CodeN?': 'number', Message: 'text' },
} as const satisfies Shape;

export const volcengineOracle: Oracle = (exchange) => {
  const { operation, response } = exchange;
  const result = results[operation];
  if (result === undefined) return [];
  const body = jsonOf(exchange);
  // An outage may be answered by a gateway's page.
  if (body === undefined) return response.status >= 500 ? [] : [`${operation} has no JSON body`];
  if (!isObject(body)) return wrongType('an object', body, operation);
  const failed = isObject(body.ResponseMetadata) && body.ResponseMetadata.Error !== undefined;
  const known = ['ResponseMetadata', ...(result === 'none' || failed ? [] : ['Result'])];
  const statusWrong = !failed && response.status !== 200 ? [`${operation} succeeds with ${response.status}`] : [];
  return [
    ...statusWrong,
    ...foreignMembers(body, known, operation),
    ...violations(metadata, body.ResponseMetadata, `${operation}.ResponseMetadata`),
    ...(result === 'none' || failed ? [] : violations(result, body.Result, `${operation}.Result`)),
  ];
};

function violations(shape: Shape, value: unknown, path: string): string[] {
  if (typeof shape === 'string') return isOf(shape, value) ? [] : wrongType(shape, value, path);
  if (isList(shape)) {
    if (!Array.isArray(value)) return wrongType('a list', value, path);
    return value.flatMap((one, index) => violations(shape[0], one, `${path}[${index}]`));
  }
  if (!isObject(value)) return wrongType('an object', value, path);
  const members = Object.entries(shape).map(([key, inner]) => ({
    name: key.replace('?', ''),
    required: !key.endsWith('?'),
    inner,
  }));
  return [
    ...foreignMembers(
      value,
      members.map(({ name }) => name),
      path,
    ),
    ...members.flatMap(({ name, required, inner }) => {
      if (value[name] === undefined) return required ? [`${path}.${name} is missing`] : [];
      return violations(inner, value[name], `${path}.${name}`);
    }),
  ];
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

function isOf(shape: Exclude<Shape, object>, value: unknown): boolean {
  if (shape === 'any') return true;
  if (shape === 'instant') return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
  return typeof value === (shape === 'text' ? 'string' : shape);
}
