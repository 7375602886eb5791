import type { VodInput } from '../../activities/contract.ts';
import type { EventStatus } from '../../domain/report.ts';
import { spansToProve } from '../../domain/windows.ts';

/** What the recording of a show is published and proved by; undefined where it recorded nothing, or is not stopped yet. */
export function vodInputOf({ entered, sessions, stoppedAt, ...of }: EventStatus): VodInput | undefined {
  const { channel, output, windows, connections = sessions.length || undefined } = of;
  if (!channel || !output || stoppedAt === undefined) return undefined;
  const spans = spansToProve({ windows, output, entered, stoppedAt });
  return { channel, output, windows: spans, connections, endedAt: entered.stopping, stoppedAt };
}
