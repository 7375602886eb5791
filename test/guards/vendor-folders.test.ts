import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import { vendors } from '../../vendors/registry.ts';

/** Every vendor has these files, and each exports at least these names. In the order in which they are read. */
const required: Readonly<Record<string, readonly string[]>> = {
  'index.ts': [],
  'options.ts': ['optionsSchema', 'Options', 'optionsOf', 'Settings', 'settingsOf'],
  'names.ts': ['vendor', 'refOf'],
  'errors.ts': ['classify', 'meaningOf'],
  'ownership.ts': ['requireOwn'],
  'shapes.ts': [],
  'sdk.ts': ['createSdk', 'Sdk'],
  'output.ts': ['createOutput'],
  'presence.ts': ['observe', 'sessionsOf'],
  'playback.ts': ['playback', 'viewerUrl'],
  'vod.ts': ['publishVod', 'fetchVod'],
  'preflight.ts': ['preflight'],
  'driver.ts': ['createDriver'],
};
/** What a vendor may have besides: for what the vendors share, the same name; for what one vendor alone has, the reason. */
const optional: Readonly<Record<string, string>> = {
  'vendor-events.ts': 'reads the events that the vendor sends',
  'vendor-event-types.ts': 'Azure: the types of Event Grid that say something of an encoder',
  'unlisted.ts': 'IVS: what was made and no list has shown yet',
  'wire.ts': 'Azure: the requests, and what an encoder is given',
  'iam-sdk.ts': 'IVS: the calls of IAM and STS',
  'billed.ts': 'Azure: what no session of an encoder shows as billed: live event and streaming endpoint',
  'ban.ts': 'Volcengine: what a forbidden stream says',
  'signed-queries.ts': 'OSS: addresses that are signed without a call',
  'queue.ts': 'IVS: the queue of its events',
  'queue-sdk.ts': 'IVS: the calls of SQS',
  'queue-url.ts': 'IVS: the region of a queue, and which URLs are one queue',
  'recording.ts': 'IVS: recording configurations, which channels share',
  'relay.ts': 'Volcengine: relays, which pull from sources',
  'account-sdk.ts': 'Azure: the calls about the media account itself',
  'client-sdk.ts': 'Azure: signing in, and the way out of the SDK',
  'operations.ts': 'Azure: the outcomes of operations that were accepted',
  'steps.ts': 'Azure: looks, asks for the one thing that is missing, and looks again',
  'token.ts': 'Azure: tokens of Ravnur and Entra',
};

type Files = Readonly<Record<string, string>>;

const exportsOf = (source: string): string[] =>
  [...source.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)].map(
    ([, name]) => name ?? '',
  );

/** The methods of an object of the port, in the order in which the source has them. */
const methodsOf = (source: string): string[] =>
  [...source.matchAll(/^ {2,4}(?:async )?(\w+)\??(?:\(|:|,$)/gm)].map(([, name]) => name ?? '');

function faultsOf(files: Files, port: readonly string[]): string[] {
  const faults: string[] = [];
  for (const name of Object.keys(files))
    if (!(name in required) && !(name in optional)) faults.push(`${name}: no other vendor has such a file`);
  for (const [name, symbols] of Object.entries(required)) {
    const source = files[name];
    if (source === undefined) faults.push(`${name}: is missing`);
    else
      for (const symbol of symbols)
        if (!exportsOf(source).includes(symbol)) faults.push(`${name}: does not export ${symbol}`);
  }
  const driver = files['driver.ts'] ?? '';
  const object = driver.slice(driver.indexOf('  return {\n'), driver.indexOf('\n}\n'));
  const methods = methodsOf(object).filter((name) => port.includes(name));
  const inOrder = port.filter((name) => methods.includes(name));
  if (methods.join() !== inOrder.join())
    faults.push(`driver.ts: has ${methods.join(', ')}, the port ${inOrder.join(', ')}`);
  return faults;
}

async function filesOf(vendor: string): Promise<Record<string, string>> {
  const folder = join(root, 'vendors', vendor);
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

const driverFile = await readFile(join(root, 'vendors/driver.ts'), 'utf8');
const port = methodsOf(driverFile.slice(driverFile.indexOf('export interface VendorDriver')));

describe('a vendor folder', () => {
  it('is compared with a port that was read', () => {
    expect(port[0]).toBe('refOf');
    expect(port).toEqual(expect.arrayContaining(['allocate', 'stop', 'owned', 'setUp']));
  });

  it.each(vendors.map(({ name }) => name))(
    'has the files and names that all have, in the order of the port: %s',
    async (name) => {
      expect(faultsOf(await filesOf(name), port)).toEqual([]);
    },
  );

  it('is refused for a missing file, a file of its own, another name, and another order', async () => {
    const {
      'output.ts': output = '',
      'vod.ts': vod = '',
      'driver.ts': driver = '',
      ...files
    } = await filesOf('alibaba-oss');
    const renamed = {
      ...files,
      'outputs.ts': output,
      'vod.ts': vod.replace('function fetchVod', 'function download'),
      'driver.ts': driver.replace('    reset:', '    restart:').replace('    refOf:', '    reset:'),
    };
    expect(faultsOf(renamed, port)).toEqual([
      'outputs.ts: no other vendor has such a file',
      'output.ts: is missing',
      'vod.ts: does not export fetchVod',
      expect.stringMatching(/^driver\.ts: has reset, preflight, allocate, /),
    ]);
  });

  it('has no file of its own in the list that no vendor has', async () => {
    const all = new Set((await Promise.all(vendors.map(({ name }) => readdir(join(root, 'vendors', name))))).flat());
    expect(Object.keys(optional).filter((name) => !all.has(name))).toEqual([]);
  });
});
