import { readdirSync, readFileSync } from 'node:fs';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { HistoryEvent } from './events.ts';
import { fromProto } from './history.ts';

const folder = new URL('../../histories/', import.meta.url);

/** The recorded histories by the names of their files: `happy-0.1.0`. */
export const goldenHistories = (): Record<string, HistoryEvent[]> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [
        file.replace(/\.json$/, ''),
        fromProto(historyFromJSON(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))),
      ]),
  );

/** The id of the workflow whose history a file holds: legs find their event by it. */
export const workflowIdOfRecord = (name: string): string => `live-event/golden-${name.replace(/-\d+\.\d+\.\d+$/, '')}`;
