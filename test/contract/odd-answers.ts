import type { Fault } from '../../simulators/kit/types.ts';

const json = 'application/json';
const answer = (status: number, contentType?: string, body?: string): Omit<Fault, 'operation'> => ({
  kind: 'answer',
  times: Number.POSITIVE_INFINITY,
  answer: { status, ...(contentType !== undefined && { contentType }), ...(body !== undefined && { body }) },
});

const html = '<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon.</body></html>';

/** What a proxy, a gateway or a vendor in trouble answers instead of the vendor. Nothing is done. */
export const oddAnswers: Readonly<Record<string, Omit<Fault, 'operation'>>> = {
  'an HTML page': answer(200, 'text/html', html),
  nothing: answer(200, json, ''),
  'nothing without a type': answer(200, '', ''),
  '{}': answer(200, json, '{}'),
  null: answer(200, json, 'null'),
  '[]': answer(200, json, '[]'),
  'an error in a 200': answer(200, json, '{"error":{"code":"Maintenance","message":"back soon"}}'),
  'an envelope without a result': answer(200, json, '{"ResponseMetadata":{"RequestId":"1"}}'),
  'an envelope of an empty result': answer(200, json, '{"ResponseMetadata":{"RequestId":"1"},"Result":{}}'),
  'an empty XML element': answer(200, 'application/xml', '<?xml version="1.0"?><Error></Error>'),
  'a 204': answer(204),
  'an HTML page with 404': answer(404, 'text/html', html),
  /** Right, but for its content type: a driver may read it, and must not lie about it. */
  'the right body as plain text': { kind: 'mislabel', times: Number.POSITIVE_INFINITY },
  'half of the body': { kind: 'truncate', times: Number.POSITIVE_INFINITY },
};
