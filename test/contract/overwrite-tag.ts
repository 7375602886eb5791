import { IvsClient, TagResourceCommand } from '@aws-sdk/client-ivs';
import type { Channel } from '../../domain/channel.ts';
import { settingsOf } from '../../vendors/alibaba-oss/options.ts';
import { createSdk } from '../../vendors/alibaba-oss/sdk.ts';
import { driverContext } from '../support/accounts.ts';
import type { ContractHarness } from './contract-harness.ts';

type Overwrite = (harness: ContractHarness, channel: Channel, owner: string) => Promise<void>;

/** How a person or a policy writes another workflow id over the ownership tag of a channel that is on air. */
export const overwriteTag: Readonly<Record<string, Overwrite>> = {
  'aws-ivs': async ({ sim }, { ref }, owner) => {
    const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = sim.client;
    const ivs = new IvsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    await ivs.send(new TagResourceCommand({ resourceArn: ref.id, tags: { 'showcaller-workflow': owner } }));
    ivs.destroy();
  },
  'azure-media-services': async ({ sim, account }, { ref }, owner) => {
    const { subscriptionId, resourceGroup, accountName, endpoint, token, location } = account.settings;
    const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Media/mediaServices/${accountName}/liveEvents/${ref.name}`;
    const answer = await fetch(`${endpoint}${path}?api-version=2022-08-01`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token ?? sim.client.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ location, tags: { 'showcaller-workflow': owner } }),
    });
    if (!answer.ok) throw new Error(`the tags were not written: ${answer.status} ${await answer.text()}`);
  },
  'alibaba-oss': async ({ sim, account }, { ref }, owner) => {
    // OSS writes a description only with the whole channel, and refuses that while one sends.
    const sdk = createSdk(settingsOf(account), driverContext);
    const config = await sdk.getChannel(ref.name);
    await sdk.putChannel(ref.name, { ...config, description: `showcaller/${owner}` });
    if (sim.resources().length === 0) throw new Error('the channel is gone');
  },
};
