/**
 * The hosts of SQS that say their region: public, FIPS, dual-stack, of a VPC endpoint, and the legacy ones.
 * https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
 */
const named =
  /^(?:vpce-[a-z0-9-]+\.)?sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.amazonaws\.com|amazonaws\.com|api\.aws)(?:\.cn)?$/;
const legacy = /^(?:([a-z0-9-]+)\.)?queue\.amazonaws\.com(?:\.cn)?$/;
const legacyRegion = 'us-east-1';

/** The region of a queue, which its calls are signed for; undefined where its URL does not say it. */
export function regionOfQueue(queueUrl: string): string | undefined {
  const { hostname } = new URL(queueUrl);
  const old = legacy.exec(hostname);
  return old ? (old[1] ?? legacyRegion) : named.exec(hostname)?.[1];
}

/** The same for every URL of a queue. */
export function queueIdOf(queueUrl: string): string {
  const { origin, pathname } = new URL(queueUrl);
  return `${regionOfQueue(queueUrl) ?? origin}${pathname.replace(/\/+$/, '')}`;
}
