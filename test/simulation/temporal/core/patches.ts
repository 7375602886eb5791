import type { EventOf, HistoryEvent } from '../events.ts';
import { fromPayload, toPayload } from '../payloads.ts';
import type { Outgoing, RunState } from './run-state.ts';

const markerName = 'core_patch';
const detailsKey = 'patch-data';
const versionAttribute = 'TemporalChangeVersion';

interface Patch {
  id: string;
  deprecated: boolean;
}

/** The patch that a marker records; undefined for any other event. */
function patchOf(event: HistoryEvent): Patch | undefined {
  if (event.type !== 'MarkerRecorded' || event.attributes.markerName !== markerName) return undefined;
  return fromPayload(event.attributes.details?.[detailsKey]?.payloads?.[0]) as Patch | undefined;
}

/** `patched()` in new code, or while its marker is replayed: a marker and a search attribute, once for each patch. */
export function patchMarker(
  state: RunState,
  { patchId, deprecated }: { patchId?: string | null; deprecated?: boolean | null },
): void {
  const id = patchId ?? '';
  const known = state.patches.get(id);
  if (known?.commandMade) return;
  const details = { [detailsKey]: { payloads: [toPayload({ id, deprecated: deprecated ?? false })] } };
  state.begin({ kind: 'patch', seq: state.patches.size }, 'RecordMarker', { markerName, details });
  const isInHistory = known !== undefined;
  const made = [...state.patches].filter(([, { commandMade }]) => commandMade).map(([name]) => name);
  state.patches.set(id, { commandMade: true });
  if (state.isReplaying && !isInHistory) return;
  const value = toPayload([...made, id].sort());
  const typed = { ...value, metadata: { ...value.metadata, type: new TextEncoder().encode('KeywordList') } };
  state.send('UpsertSearchAttributes', { searchAttributes: { indexedFields: { [versionAttribute]: typed } } });
}

/** Markers that stand behind this task: the code must know them from the first `patched()` on. */
export function announcePatches(state: RunState, ahead: readonly HistoryEvent[]): void {
  for (const event of ahead) {
    const patch = patchOf(event);
    if (!patch) continue;
    if (!state.patches.has(patch.id)) state.patches.set(patch.id, { commandMade: false });
    state.jobs.push({ notifyHasPatch: { patchId: patch.id } });
  }
}

const isPatchCommand = (outgoing: Outgoing | undefined): boolean =>
  outgoing?.command.type === 'RecordMarker' && outgoing.command.attributes.markerName === markerName;

const patchOfCommand = ({ command }: Outgoing): string | undefined =>
  command.type === 'RecordMarker'
    ? (fromPayload(command.attributes.details[detailsKey]?.payloads?.[0]) as Patch | undefined)?.id
    : undefined;

/** A patch without a marker in the history was asked for by code that the history does not know: left out. */
export function dropUnrecordedPatches(state: RunState, event: HistoryEvent): void {
  while (isPatchCommand(state.expected[0]) && !patchOf(event)) state.expected.shift();
}

/** A deprecated patch may be without its call in the code. */
export function mayBeSkipped(state: RunState, event: HistoryEvent): boolean {
  const patch = patchOf(event);
  const [next] = state.expected;
  if (!patch?.deprecated) return false;
  return !next || !isPatchCommand(next) || patchOfCommand(next) !== patch.id;
}

export const isVersionUpsert = (event: HistoryEvent | undefined): event is EventOf<'UpsertWorkflowSearchAttributes'> =>
  event?.type === 'UpsertWorkflowSearchAttributes' &&
  versionAttribute in (event.attributes.searchAttributes?.indexedFields ?? {});
