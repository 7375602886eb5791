import { findHelm } from './find-helm.ts';

// CI starts this beside the tests; the check of the chart waits for it.
const helm = await findHelm({ get: true, log: console.error });
if (helm) console.log(helm);
else process.exitCode = 1;
