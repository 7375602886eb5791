import { fileResponse } from '../kit/file-response.ts';
import type { ObjectStore, StoredObjectInfo } from '../kit/object-store.ts';
import type { SimRequest, SimResponse } from '../kit/types.ts';
import { escapeXml, requestId, S3Error, xmlHead } from './errors.ts';

export interface S3Account {
  store: ObjectStore;
  buckets: ReadonlyMap<string, string>;
  region: string;
}

/** Path style: `/bucket/key`. */
interface Target {
  bucket: string;
  key: string;
}

const targetOf = (req: SimRequest): Target => {
  const [bucket = '', ...key] = req.path.slice(1).split('/');
  return { bucket, key: key.map(decodeURIComponent).join('/') };
};

/** The name of the call, also for calls that do not exist here. */
export function s3OperationOf(req: SimRequest): string {
  const { bucket, key } = targetOf(req);
  if (req.method === 'GET' && bucket === '') return 'ListBuckets';
  if (req.method === 'HEAD') return key === '' ? 'HeadBucket' : 'HeadObject';
  if (req.method === 'GET') return key === '' ? 'ListObjectsV2' : 'GetObject';
  return req.method === 'PUT' ? 'PutObject' : 'DeleteObject';
}

/** documented(https://docs.aws.amazon.com/AmazonS3/latest/API/): reading only; IVS alone writes here. */
export async function handleS3(
  { store, buckets, region }: S3Account,
  req: SimRequest,
  operation: string,
): Promise<SimResponse> {
  const { bucket, key } = targetOf(req);
  if (operation === 'ListBuckets') return xml(bucketsXml([...buckets.keys()]));
  if (!buckets.has(bucket)) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
  // documented(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)
  if (buckets.get(bucket) !== region)
    throw new S3Error('PermanentRedirect', 'The bucket must be addressed by the endpoint of its own region.');
  switch (operation) {
    case 'HeadBucket':
      return { status: 200, headers: { 'x-amz-bucket-region': buckets.get(bucket) ?? '' } };
    case 'ListObjectsV2':
      return xml(await listObjects(store, bucket, req.query));
    case 'GetObject':
    case 'HeadObject':
      return readObject(store, bucket, key, req);
    default:
      throw new S3Error('NotImplemented', `${operation} is not simulated: recordings are only read`);
  }
}

async function readObject(store: ObjectStore, bucket: string, key: string, req: SimRequest): Promise<SimResponse> {
  const object = await store.get(`${bucket}/${key}`);
  if (!object) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  const response = fileResponse(req, { ...object, headers: { 'x-amz-request-id': requestId() } });
  if (response.status === 416) throw new S3Error('InvalidRange', 'The requested range is not satisfiable');
  return response;
}

const xml = (body: string): SimResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId() },
  body: xmlHead + body,
});

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

function bucketsXml(names: readonly string[]): string {
  const buckets = names.map((name) => `<Bucket><Name>${name}</Name></Bucket>`);
  return `<ListAllMyBucketsResult ${namespace}><Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`;
}

/** One line of a listing: an object, or all that lie behind one delimiter. */
type Line = { key: string; object: StoredObjectInfo } | { key: string; object?: undefined };

/** documented(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html) */
async function listObjects(store: ObjectStore, bucket: string, query: URLSearchParams): Promise<string> {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = Math.min(1000, Math.max(0, Number(query.get('max-keys') ?? 1000) || 0));
  const after = startAfter(query);
  const objects = await store.list(`${bucket}/${prefix}`);
  const lines = linesOf(objects, `${bucket}/`, prefix, delimiter).filter((line) => line.key > after);
  const given = lines.slice(0, maxKeys);
  const truncated = lines.length > given.length && given.length > 0;
  const name = query.get('encoding-type') === 'url' ? encodeKey : escapeXml;
  const last = given.at(-1);
  return [
    `<ListBucketResult ${namespace}><Name>${bucket}</Name><Prefix>${name(prefix)}</Prefix>`,
    delimiter && `<Delimiter>${name(delimiter)}</Delimiter>`,
    query.get('encoding-type') === 'url' && '<EncodingType>url</EncodingType>',
    `<KeyCount>${given.length}</KeyCount><MaxKeys>${maxKeys}</MaxKeys><IsTruncated>${truncated}</IsTruncated>`,
    truncated && last && `<NextContinuationToken>${encodeToken(last.key)}</NextContinuationToken>`,
    ...given.map((line) => (line.object ? contentsXml(name(line.key), line.object) : folderXml(name(line.key)))),
    '</ListBucketResult>',
  ]
    .filter(Boolean)
    .join('');
}

function startAfter(query: URLSearchParams): string {
  const token = query.get('continuation-token');
  if (token === null) return query.get('start-after') ?? '';
  const key = Buffer.from(token, 'base64url').toString();
  if (encodeToken(key) !== token) throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
  return key;
}

const encodeToken = (key: string): string => Buffer.from(key).toString('base64url');

function linesOf(objects: StoredObjectInfo[], root: string, prefix: string, delimiter: string): Line[] {
  const lines = new Map<string, Line>();
  for (const object of objects) {
    const key = object.key.slice(root.length);
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const folder = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    lines.set(folder ?? key, folder === undefined ? { key, object } : { key: folder });
  }
  return [...lines.values()];
}

const contentsXml = (key: string, object: StoredObjectInfo): string =>
  `<Contents><Key>${key}</Key><LastModified>${new Date(object.lastModified).toISOString()}</LastModified>` +
  `<ETag>${escapeXml(object.etag)}</ETag><Size>${object.bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`;

const folderXml = (prefix: string): string => `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`;

const encodeKey = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
