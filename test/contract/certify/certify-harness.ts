import { expect } from 'vitest';
import { type Certified, type CertifyInput, certify } from '../../../certify/certify.ts';
import { createKit } from '../../../simulators/kit/kit.ts';
import type { RunningSimulator, SimResource, SimulatorKit } from '../../../simulators/kit/types.ts';
import { simulators } from '../../../simulators/registry.ts';
import { createHttp } from '../../../vendors/http.ts';
import type { VendorManifest } from '../../../vendors/manifest.ts';
import { accountsFrom } from '../../support/accounts.ts';

/** Simulated vendors are fifty times as fast. */
const timeScale = 0.02;

export interface CertifyScene {
  sim: RunningSimulator;
  kit: SimulatorKit;
  input: CertifyInput;
  said: string[];
}

/** One vendor's simulator and what `certify` needs for an account there. */
export async function withCertifiable<T>(
  manifest: VendorManifest,
  scene: (scene: CertifyScene) => Promise<T>,
  kit = createKit(),
): Promise<T> {
  const module = simulators.find(({ vendor }) => vendor === manifest.name);
  if (!module) throw new Error(`there is no simulator of ${manifest.name}`);
  const sim = await module.start(kit, { slowness: timeScale });
  const http = createHttp();
  try {
    const account = accountsFrom(sim.env, [manifest]).get(manifest.name, 'default');
    if (!account) throw new Error(`${manifest.name}: the simulator's env has no account`);
    const said: string[] = [];
    const input: CertifyInput = {
      manifest,
      account,
      http,
      hooks: {},
      eventId: 'certify-1',
      options: {},
      limits: { runningMs: 120_000, stepMs: 60_000, windowMs: 3_000, recordingMs: 60_000, cleanUpMs: 60_000 },
      timeScale,
      signal: new AbortController().signal,
      say: (line) => said.push(line),
    };
    return await scene({ sim, kit, input, said });
  } finally {
    http.close();
    await sim.close();
  }
}

const idOf = ({ kind, name }: SimResource): string => `${kind} ${name}`;

/** What is billed now and was not there when this was called. */
export function billedSince(sim: RunningSimulator): () => SimResource[] {
  const before = sim.resources().map(idOf);
  return () => sim.resources().filter((one) => one.billed && !before.includes(idOf(one)));
}

/** What was found, by verdict: promise and detail. */
export function found({ certification }: Certified, verdict: string): string[] {
  return certification.findings
    .filter((one) => one.verdict === verdict)
    .map(({ promise, detail = '' }) => `${promise}: ${detail}`);
}

/** Interrupts a certification when it says something that begins so: it is incomplete, and everything is cleaned up. */
export const cleansUpWhenInterrupted = (manifest: VendorManifest, at: string): Promise<Certified> =>
  withCertifiable(manifest, async ({ input, sim }) => {
    const billed = billedSince(sim);
    const operator = new AbortController();
    const say = (said: string) => said.startsWith(at) && operator.abort(new Error('SIGINT'));
    const certified = await certify({ ...input, signal: operator.signal, say });
    expect(certified.certification).toMatchObject({ outcome: 'incomplete', why: 'it was ended: SIGINT' });
    expect(certified.certification.notReleased).toBeUndefined();
    expect(found(certified, 'confirmed').some((text) => text.startsWith('clean-up'))).toBe(true);
    expect(billed()).toEqual([]);
    return certified;
  });
