import type { ChannelRef } from '../../../../../domain/channel.ts';
import { VendorError, type VendorErrorKind } from '../../../../../domain/errors.ts';
import type { DriverContext } from '../../../../../vendors/context.ts';
import { done, notYet, type VendorDriver } from '../../../../../vendors/driver.ts';
import type { Account } from '../../../../../vendors/manifest.ts';
import { nameOf } from '../../../../../vendors/naming.ts';
import { Looks } from '../../../../../vendors/preflight.ts';
import { createSdk, vendor, type WireChannel } from './sdk.ts';

const refusal = (kind: VendorErrorKind, resource: string, message: string): VendorError =>
  new VendorError({ kind, vendor, operation: 'GetChannel', resource, message, advice: 'use another event id' });

export function createDriver(account: Account, context: DriverContext): VendorDriver {
  const sdk = createSdk(account, context);
  const refOf: VendorDriver['refOf'] = ({ eventId, workflowId }) => ({
    vendor,
    account: account.name,
    name: nameOf(eventId, { forbidden: /[^A-Za-z0-9-]/g, replacement: '-', maxLength: 64, prefix: 'sc-' }),
    workflowId,
  });
  const own = async (ref: ChannelRef): Promise<WireChannel | undefined> => {
    const found = await sdk.get(ref.name);
    return found?.owner === ref.workflowId ? found : undefined;
  };
  const ours = async (ref: ChannelRef): Promise<WireChannel> => {
    const found = await sdk.get(ref.name);
    if (!found) throw refusal('not-found', ref.name, 'the channel is gone');
    if (found.owner !== ref.workflowId) throw refusal('conflict', ref.name, 'the channel is not ours');
    return found;
  };
  const close = async (ref: ChannelRef): Promise<WireChannel | 'gone' | 'sending'> => {
    const found = await own(ref);
    if (!found) return 'gone';
    if (found.open) await sdk.setOpen(ref.name, false);
    if (found.sending) await sdk.drop(ref.name);
    return found.sending ? 'sending' : found;
  };

  return {
    refOf,
    preflight: async (event) => {
      const looks = new Looks(() => undefined);
      const { name, workflowId } = refOf(event);
      const found = await looks.ask('name', () => sdk.get(name));
      if (found && found.owner !== workflowId) looks.find('name', `the channel ${name} is there`, 'take another id');
      return looks.result();
    },
    async allocate(event) {
      const [unknown] = Object.keys(event.options);
      if (unknown) throw refusal('invalid-request', event.eventId, `vendorOptions.${unknown} is not known`);
      const ref = refOf(event);
      if (!(await sdk.get(ref.name))) await sdk.create(ref.name, ref.workflowId);
      if ((await ours(ref)).open) await sdk.setOpen(ref.name, false);
      return done({ ref, details: {} });
    },
    async start({ ref }) {
      if (!(await ours(ref)).open) await sdk.setOpen(ref.name, true);
      return done(undefined);
    },
    async createOutput({ ref }) {
      await ours(ref);
      return done({ details: {} });
    },
    playback: async ({ ref }) => ({ hls: `${account.settings.endpoint}/vod/${ref.name}/index.m3u8` }),
    viewerUrl: async (_channel, url) => url,
    async observe({ ref }) {
      const found = await sdk.get(ref.name);
      const since = found?.sessions.at(-1)?.startedAt;
      return found?.sending ? { encoder: 'connected', since } : { encoder: 'absent' };
    },
    async reset({ ref }, _output, isBack) {
      const { open, sending } = await ours(ref);
      if (!open) await sdk.setOpen(ref.name, true);
      else if (sending && !(await isBack?.())) await sdk.drop(ref.name);
      return done(undefined);
    },
    async stop({ ref }) {
      const closed = await close(ref);
      if (closed === 'sending') return notYet('the encoder to be dropped', 1_000);
      return done({ sessions: closed === 'gone' ? [] : closed.sessions });
    },
    async publishVod({ ref }, _output, windows) {
      const { url, ended, durationMs } = await sdk.recording(ref.name);
      if (!ended) return notYet('the recording to end', 1_000);
      return done(url && windows.length > 0 ? [{ url, durationMs, finality: 'ended' }] : []);
    },
    fetchVod: (url, range) => sdk.fetch(url, range),
    async cleanUp(ref) {
      const closed = await close(ref);
      if (closed === 'sending') return notYet('the encoder to be dropped', 1_000);
      if (closed !== 'gone') await sdk.remove(ref.name);
      return done(undefined);
    },
    async ingest({ ref }) {
      const { key } = await ours(ref);
      const server = account.settings.ingestBaseUrl ?? '';
      return [{ protocol: 'rtmp', url: `${server}/${key}`, server, streamKey: key }];
    },
    async owned(cursor) {
      const { channels, next } = await sdk.list(cursor);
      const items = channels.map(({ name, owner }) => ({ vendor, account: account.name, name, workflowId: owner }));
      return { items, ...(next && { next }) };
    },
  };
}
