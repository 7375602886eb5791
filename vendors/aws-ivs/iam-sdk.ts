import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { readAnswer } from '../answer.ts';
import { createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import { classify } from './errors.ts';
import { vendor } from './names.ts';
import type { Settings } from './options.ts';
import { clientOptions, datedByVendor } from './sdk.ts';
import * as shapes from './shapes.ts';

export interface Identity {
  /** Twelve digits. */
  account: string;
  arn: string;
}

/** The calls that say who asks and what the answer would be, under the vendor's own names. */
export interface IamSdk {
  getCallerIdentity(): Promise<Identity>;
  /** The decision on each action for each resource. */
  simulatePrincipalPolicy(
    principalArn: string,
    actions: readonly string[],
    resources: readonly string[],
  ): Promise<shapes.Evaluations['EvaluationResults']>;
}

export function createIamSdk(settings: Settings, context: DriverContext): IamSdk {
  const call = createCaller(vendor, settings.account, classify, context);
  const options = {
    ...clientOptions(settings, context.http),
    ...(settings.iamEndpoint && { endpoint: settings.iamEndpoint }),
  };
  const sts = datedByVendor(new STSClient(options));
  const iam = datedByVendor(new IAMClient(options));
  return {
    /** Needs no permission. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
    getCallerIdentity: () =>
      call({ operation: 'GetCallerIdentity', mutates: false }, async () => {
        const answer = await sts.send(new GetCallerIdentityCommand({}));
        const { Account, Arn } = readAnswer(shapes.callerIdentity, answer, answer.$metadata.httpStatusCode);
        return { account: Account, arn: Arn };
      }),

    /** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html */
    simulatePrincipalPolicy: (PolicySourceArn, actions, resources) =>
      call({ operation: 'SimulatePrincipalPolicy', mutates: false, resource: PolicySourceArn }, async () => {
        const answer = await iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn,
            ActionNames: [...actions],
            ResourceArns: [...resources],
            MaxItems: 1000,
          }),
        );
        return readAnswer(shapes.evaluations, answer, answer.$metadata.httpStatusCode).EvaluationResults;
      }),
  };
}
