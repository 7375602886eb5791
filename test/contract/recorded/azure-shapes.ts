/** Parts that the recorded answers of Azure Media Services have in common. */

const always = {
  'cache-control': 'no-cache',
  expires: '-1',
  pragma: 'no-cache',
  server: 'Microsoft-HTTPAPI/2.0',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-ms-routing-request-id': '{region}:{compact}:{guid}',
};
const answersJson = {
  ...always,
  'content-type': 'application/json; odata.metadata=minimal',
  'odata-version': '4.0',
};
const budget = (kind: string) => ({ [`x-ms-ratelimit-remaining-subscription-${kind}`]: '{number}' });

export const headersOf = {
  read: { ...answersJson, ...budget('reads') },
  /** To a client that names no type it accepts. */
  readUnasked: {
    ...answersJson,
    ...budget('reads'),
    'content-type': 'application/json; odata.metadata=minimal; odata.streaming=true',
  },
  write: { ...answersJson, ...budget('writes') },
  store: { ...answersJson, ...budget('resource-requests') },
  emptyWrite: { ...always, ...budget('writes'), 'content-length': '0' },
  emptyStore: { ...always, ...budget('resource-requests'), 'content-length': '0' },
  emptyDelete: { ...always, ...budget('deletes'), 'content-length': '0' },
  absent: {
    ...always,
    ...budget('reads'),
    'content-language': 'en-US',
    'content-type': 'application/json; charset=utf-8',
  },
};

/** The two poll URLs of an operation; newer versions say when to ask again. */
export const accepted = (kind: string, resource: string, operation: string, retryAfter?: string) => ({
  'azure-asyncoperation': `{root}/${kind}operations/{guid:${operation}}?api-version={version}`,
  location: `{root}/${resource}/operationlocations/{guid:${operation}}?api-version={version}`,
  ...(retryAfter && { 'retry-after': retryAfter }),
});

/** The poll of an operation until it is through. */
export function poll(
  kind: string,
  operation: string,
  target: string,
  more: { retryAfter?: string; accept?: string | null } = {},
) {
  const status = (word: string) => ({
    name: `{guid:${operation}}`,
    status: word,
    error: { code: 'None', message: null, target },
  });
  const { retryAfter, accept = '*/*' } = more;
  return {
    request: `GET {root}/${kind}operations/{${operation}}?api-version={version}`,
    accept,
    status: 200,
    headers: {
      ...(accept === null ? headersOf.readUnasked : headersOf.read),
      'azure-asyncoperation': `{root}/${kind}operations/{guid:${operation}}?api-version={version}`,
      ...(retryAfter && { 'retry-after': retryAfter }),
    },
    pending: status('InProgress'),
    answer: status('Succeeded'),
  };
}

export const noOne = '00000000-0000-0000-0000-000000000000';

export const madeBy = (name: string, changed = name) => ({
  createdBy: '{text}',
  createdByType: '{text}',
  createdAt: `{time:${name}CreatedAt}`,
  lastModifiedBy: '{text}',
  lastModifiedByType: '{text}',
  lastModifiedAt: changed === name ? `{time:${name}CreatedAt}` : `{time:${changed}}`,
});

export const madeByNobody = {
  createdBy: null,
  createdByType: null,
  createdAt: null,
  lastModifiedBy: null,
  lastModifiedByType: null,
  lastModifiedAt: null,
};

const absent = (code: string, message: string) => ({ error: { code, message } });
export const channelAbsent = absent('ResourceNotFound', 'The Channel was not found.');
export const storedAbsent = absent('NotFound', 'The requested resource was not found.');

export const clearPolicy = 'Predefined_ClearStreamingOnly';
export const notEncoded = { encodingType: 'None', presetName: null, stretchMode: null, keyFrameInterval: null };
export const encoded720 = {
  encodingType: 'Standard',
  presetName: 'default720p',
  stretchMode: 'AutoSize',
  keyFrameInterval: 'PT2S',
};
export const noPolicies = { clientAccessPolicy: null, crossDomainPolicy: null };

interface EventFacts {
  name: string;
  location: string;
  tags?: Record<string, string>;
  properties: object;
  systemData: object;
  /** Below the live event: an operation's answer is shown at its own place. */
  idSuffix?: string;
}

export const liveEvent = ({ name, location, tags = {}, properties, systemData, idSuffix = '' }: EventFacts) => ({
  name,
  id: `{id}/liveevents/${name}${idSuffix}`,
  type: 'Microsoft.Media/mediaservices/liveevents',
  location,
  tags,
  properties,
  systemData,
});

export const asset = (name: string, properties: object, systemData: object = madeBy(name)) => ({
  name,
  id: `{id}/assets/${name}`,
  type: 'Microsoft.Media/mediaservices/assets',
  properties: {
    assetId: `{guid:${name}Id}`,
    created: `{coarse:${name}Created}`,
    lastModified: `{coarse:${name}Created}`,
    ...properties,
  },
  systemData,
});
