import { fileResponse } from '../kit/file-response.ts';
import type { StoredObjectInfo } from '../kit/object-store.ts';
import type { SimResponse } from '../kit/types.ts';
import { Refused } from './errors.ts';
import type { Operation, OperationContext } from './operation.ts';
import { maxKeysOf, wholeSeconds } from './routes-channels.ts';
import type { Acl } from './state.ts';
import { element, parent, xmlDocument } from './xml.ts';

const acls: readonly Acl[] = ['private', 'public-read', 'public-read-write'];
const owner = parent('Owner', element('ID', 'rehearsal'), element('DisplayName', 'rehearsal'));

/** The little of object storage that a client needs to read recordings. */
export const objectOperations: Readonly<Record<string, Operation>> = {
  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getobject)
  'media:GetObject': (context) => readObject(context),

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/headobject)
  'media:HeadObject': (context) => readObject(context),

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/deleteobject) — also when there is none
  DeleteObject: async ({ key, store }) => {
    await store.delete(key);
    return { status: 204 };
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/listobjects)
  ListObjects: async (context) => {
    const marker = context.req.query.get('marker') ?? '';
    const { entries, truncated, text } = await pageOf(context, marker);
    const last = entries.at(-1);
    return listing(context, [
      text('Marker', marker),
      truncated && last ? text('NextMarker', last.name) : '',
      element('IsTruncated', String(truncated)),
      ...entries.map((entry) => listed(entry, text)),
    ]);
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/listobjectsv2)
  ListObjectsV2: async (context) => {
    const token = context.req.query.get('continuation-token') ?? '';
    const from = token === '' ? (context.req.query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString();
    const { entries, truncated, text } = await pageOf(context, from);
    const last = entries.at(-1);
    return listing(context, [
      token === '' ? '' : element('ContinuationToken', token),
      truncated && last ? element('NextContinuationToken', Buffer.from(last.name).toString('base64')) : '',
      element('IsTruncated', String(truncated)),
      element('KeyCount', entries.length),
      ...entries.map((entry) => listed(entry, text)),
    ]);
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putbucketacl)
  PutBucketAcl: ({ req, state }) => {
    const acl = acls.find((one) => one === req.headers['x-oss-acl']);
    if (!acl) throw new Refused('InvalidArgument', 'x-oss-acl is not valid.');
    state.acl = acl;
    return { status: 200 };
  },

  // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getbucketacl)
  GetBucketAcl: ({ state }) => ({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument('AccessControlPolicy', owner, parent('AccessControlList', element('Grant', state.acl))),
  }),
};

async function readObject({ req, key, store }: OperationContext): Promise<SimResponse> {
  const object = await store.get(key);
  if (!object) throw new Refused('NoSuchKey');
  return fileResponse(req, { ...object, headers: { 'x-oss-object-type': 'Normal' } });
}

/** One line of a listing: an object, or what several names have in common up to the delimiter. */
interface ListingEntry {
  name: string;
  object?: StoredObjectInfo;
}

type TextElement = (name: string, text: string) => string;

async function pageOf({ req, store }: OperationContext, after: string) {
  const prefix = req.query.get('prefix') ?? '';
  const delimiter = req.query.get('delimiter') ?? '';
  const max = maxKeysOf(req);
  const entries = new Map<string, ListingEntry>();
  for (const object of await store.list(prefix)) {
    const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = cut < 0 ? object.key : object.key.slice(0, cut + delimiter.length);
    if (name > after) entries.set(name, cut < 0 ? { name, object } : { name });
  }
  const all = [...entries.values()];
  // Names are percent-encoded when the client asks for it. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/listobjects)
  const encoded = req.query.get('encoding-type') === 'url';
  const text: TextElement = (name, value) => element(name, encoded ? encodeURIComponent(value) : value);
  return { entries: all.slice(0, max), truncated: all.length > max, text };
}

function listing({ req, state }: OperationContext, children: string[]): SimResponse {
  const { query } = req;
  const encoding = query.get('encoding-type');
  const body = xmlDocument(
    'ListBucketResult',
    element('Name', state.bucket),
    element('Prefix', query.get('prefix') ?? ''),
    element('MaxKeys', maxKeysOf(req)),
    element('Delimiter', query.get('delimiter') ?? ''),
    encoding ? element('EncodingType', encoding) : '',
    ...children,
  );
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function listed({ name, object }: ListingEntry, text: TextElement): string {
  if (!object) return parent('CommonPrefixes', text('Prefix', name));
  return parent(
    'Contents',
    text('Key', name),
    element('LastModified', wholeSeconds(object.lastModified)),
    element('ETag', object.etag),
    element('Type', 'Normal'),
    element('Size', object.bytes),
    element('StorageClass', 'Standard'),
    owner,
  );
}
