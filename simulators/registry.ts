import { alibabaOssSimulator } from './alibaba-oss/index.ts';
import { awsIvsSimulator } from './aws-ivs/index.ts';
import { azureMediaServicesSimulator } from './azure-media-services/index.ts';
import type { SimulatorModule } from './kit/types.ts';
import { volcengineLiveSimulator } from './volcengine-live/index.ts';

/** Every simulator there is, in the order people see them. */
export const simulators: readonly SimulatorModule[] = [
  azureMediaServicesSimulator,
  awsIvsSimulator,
  alibabaOssSimulator,
  volcengineLiveSimulator,
];
