import type { FaultKind, SimRequest, SimResponse } from '../kit/types.ts';
import { escapeXml, requestId, xmlHead } from './errors.ts';
import type { Refusal } from './signature.ts';
import type { IvsAccount } from './state.ts';

const user = 'showcaller';

/** Both services speak forms: the action stands in the body. documented(https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html) */
export const iamOperationOf = (req: SimRequest): string => formOf(req).get('Action') ?? 'UnknownOperation';

const formOf = (req: SimRequest): URLSearchParams => new URLSearchParams(req.body.toString('utf8'));

/** documented(https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html) */
const refusals: Partial<Record<Refusal['why'], [status: number, code: string, message: string]>> = {
  missing: [403, 'MissingAuthenticationToken', 'The request is missing a security token.'],
  malformed: [400, 'IncompleteSignature', 'The request signature does not conform to AWS standards.'],
  'unknown-key': [403, 'InvalidClientTokenId', 'The security token included in the request is invalid.'],
  'wrong-token': [403, 'InvalidClientTokenId', 'The security token included in the request is invalid.'],
  skewed: [403, 'SignatureDoesNotMatch', 'Signature expired: the request is too old, or from the future.'],
};

export function iamRefusal({ why }: Refusal): SimResponse {
  const usual = [403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match.'] as const;
  const [status, code, message] = refusals[why] ?? usual;
  return failure(status, code, message);
}

/** Codes as both services send them: documented(https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html). */
export function iamFault(kind: FaultKind): SimResponse {
  switch (kind) {
    case 'throttle':
    case 'quota':
      // That the code is the old one and the status 400: assumed.
      return failure(400, 'Throttling', 'Rate exceeded');
    case 'unauthorized':
      return iamRefusal({ why: 'unknown-key' });
    case 'invalid':
      return failure(400, 'ValidationError', 'The input fails to satisfy the constraints of the service.');
    default:
      return failure(503, 'ServiceUnavailable', 'The request has failed due to a temporary failure of the server.');
  }
}

const failure = (status: number, code: string, message: string): SimResponse =>
  xml(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId()}</RequestId></ErrorResponse>`,
  );

export function handleIam({ options }: IvsAccount, req: SimRequest, operation: string): SimResponse {
  const arn = `arn:aws:iam::${options.accountId}:user/${user}`;
  if (operation === 'GetCallerIdentity') return identity(options.accountId, arn);
  if (operation !== 'SimulatePrincipalPolicy') return failure(400, 'InvalidAction', `${operation} is not simulated`);
  if (options.denied.has(`iam:${operation}`)) {
    return failure(
      403,
      'AccessDenied',
      `User: ${arn} is not authorized to perform: iam:${operation} on resource: ${arn}`,
    );
  }
  return evaluations(formOf(req), options.denied);
}

/** documented(https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html) */
const identity = (account: string, arn: string): SimResponse =>
  xml(
    200,
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>AIDASIMULATED</UserId><Account>${account}</Account></GetCallerIdentityResult>${metadata()}</GetCallerIdentityResponse>`,
  );

/** documented(https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html) An action on a resource of another service is denied. */
function evaluations(form: URLSearchParams, denied: ReadonlySet<string>): SimResponse {
  const list = (name: string) =>
    [...form].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);
  const resources = list('ResourceArns');
  const decided = (action: string, resource: string) =>
    !denied.has(action) && resource.split(':')[2] === action.split(':')[0] ? 'allowed' : 'implicitDeny';
  const members = list('ActionNames').map((action) => {
    const each = resources.map(
      (resource) =>
        `<member><EvalResourceName>${escapeXml(resource)}</EvalResourceName><EvalResourceDecision>${decided(action, resource)}</EvalResourceDecision><MatchedStatements/><MissingContextValues/></member>`,
    );
    const first = decided(action, resources[0] ?? '');
    return `<member><EvalActionName>${action}</EvalActionName><EvalResourceName>${escapeXml(resources[0] ?? '*')}</EvalResourceName><EvalDecision>${first}</EvalDecision><MatchedStatements/><MissingContextValues/><ResourceSpecificResults>${each.join('')}</ResourceSpecificResults></member>`;
  });
  return xml(
    200,
    `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>${members.join('')}</EvaluationResults></SimulatePrincipalPolicyResult>${metadata()}</SimulatePrincipalPolicyResponse>`,
  );
}

const metadata = (): string => `<ResponseMetadata><RequestId>${requestId()}</RequestId></ResponseMetadata>`;

const xml = (status: number, body: string): SimResponse => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId() },
  body: xmlHead + body,
});
