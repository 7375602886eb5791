import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { accountsFrom } from '../../support/accounts.ts';
import { gridEvent } from '../../support/event-grid-catalogue.ts';
import { hookServer, Letterbox, token } from '../../support/vendor-events-harness.ts';

const key = 'mGZwg8lU9KfQkZ/1ZHuSWq2szEEHO88yytEDBilO';
const accounts = accountsFrom({
  AWS_IVS_REGION: 'us-west-2',
  AWS_IVS_ACCESS_KEY_ID: 'id',
  AWS_IVS_SECRET_ACCESS_KEY: key,
});
/** As the driver names it. */
const stream = `sc-show-1-${createHash('sha256').update('live-event/show-1').digest('hex').slice(0, 6)}`;
const ofIvs = {
  source: 'aws.ivs',
  id: 'i',
  'detail-type': 'IVS Recording State Change',
  time: '2026-11-20T18:00:00Z',
  resources: ['arn:aws:ivs:us-west-2:1:channel/abc'],
  detail: {
    recording_status_reason: `refused for ${key}`,
    recording_s3_key_prefix: 'ivs/v1/1/abc/2026/6/23/20/12/j8Z9O91ndcVs',
  },
};

/** An event of each vendor that repeats the key. */
const events: Record<string, object> = {
  'aws-ivs': ofIvs,
  'azure-media-services': gridEvent(
    'LiveEventConnectionRejected',
    { encoderIp: key, resultCode: key },
    { subject: 'liveEvent/abc' },
  ),
  'volcengine-live': { event_type: 'push', stream, time_ms: 1, session_id: 's', fp_client_ip: key },
};

describe('a vendor event that repeats a key of an account', () => {
  it.each(Object.entries(events))('is delivered without it: by the webhook of %s', async (vendor, event) => {
    const box = new Letterbox();
    const app = await hookServer({ delivery: box, accounts });
    onTestFinished(() => app.close());
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await app.inject({
      method: 'POST',
      url: `/hooks/${vendor}`,
      headers,
      payload: JSON.stringify(event),
    });
    expect(answer.statusCode).toBe(200);
    expect(JSON.stringify(box.messages)).toContain('***');
    expect(JSON.stringify(box.messages)).not.toContain(key);
  });
});
