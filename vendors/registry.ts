import { alibabaOss } from './alibaba-oss/index.ts';
import { awsIvs } from './aws-ivs/index.ts';
import { azureMediaServices } from './azure-media-services/index.ts';
import type { VendorManifest } from './manifest.ts';
import { volcengineLive } from './volcengine-live/index.ts';

/** Every vendor there is. Adding one is a folder and a line here. */
export const vendors: readonly VendorManifest[] = [alibabaOss, azureMediaServices, awsIvs, volcengineLive];

export const vendorNamed = (name: string): VendorManifest | undefined => vendors.find((vendor) => vendor.name === name);
