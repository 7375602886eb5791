import type { CommandOf, CommandType, ServerCommand } from '../commands.ts';
import type { HistoryEvent, UserMetadata } from '../events.ts';
import type { Job } from '../sdk-internals.ts';

/** Where the run belongs. */
export interface RunIdentity {
  workflowId: string;
  runId: string;
  taskQueue: string;
  namespace: string;
}

/** The history is not what today's code makes of it. */
export class NondeterminismError extends Error {
  override readonly name = 'NondeterminismError';
}

/** What a workflow waits for and the server answers with events. */
export interface Machine {
  kind: 'timer' | 'activity' | 'child' | 'signal' | 'cancel-external' | 'patch';
  seq: number;
  state: 'created' | 'sent' | 'cancel-requested' | 'over';
  scheduled: ServerCommand;
  /** Of the event that its command became. */
  eventId?: number;
  /** In the SDK's numbers: of an activity or of a child. */
  cancellationType: number;
  /** Withdrawn before the server saw it. */
  isWithdrawn?: boolean;
  /** Of a child: its run. */
  runId?: string;
}

/** A command that is not an event yet. */
export interface Outgoing {
  command: ServerCommand;
  machine?: Machine;
}

/** What Core keeps of one run. */
export class RunState {
  readonly identity: RunIdentity;
  /** The workflow's own time. */
  now = 0;
  isReplaying = false;
  /** The last event that was taken in. */
  processed = 0;
  /** For the next activation. */
  jobs: Job[] = [];
  /** Of the task under way. */
  outgoing: Outgoing[] = [];
  /** Sent, and not seen as events yet. */
  expected: Outgoing[] = [];
  readonly flags = new Set<number>();
  readonly acceptedUpdates = new Set<string>();
  /** By patch id: whether its marker was asked for. */
  readonly patches = new Map<string, { commandMade: boolean }>();
  /** How many children this run cancelled: Core gives these cancellations numbers of its own. */
  childrenCancelled = 0;
  readonly #machines = new Map<string, Machine>();
  readonly #byEvent = new Map<number, Machine>();

  constructor(identity: RunIdentity) {
    this.identity = identity;
  }

  /** Workflow time never goes back. */
  advanceTo(at: number): void {
    this.now = Math.max(this.now, at);
  }

  send<T extends CommandType>(
    type: T,
    attributes: CommandOf<T>['attributes'],
    userMetadata?: UserMetadata,
    machine?: Machine,
  ): void {
    const command = { type, attributes, ...(userMetadata && { userMetadata }) } as ServerCommand;
    this.outgoing.push({ command, ...(machine && { machine }) });
  }

  /** Sends a command whose outcome the workflow waits for. */
  begin<T extends CommandType>(
    machine: Pick<Machine, 'kind' | 'seq'> & { cancellationType?: number },
    type: T,
    attributes: CommandOf<T>['attributes'],
    userMetadata?: UserMetadata,
  ): void {
    const scheduled = { type, attributes, ...(userMetadata && { userMetadata }) } as ServerCommand;
    const made: Machine = { cancellationType: 0, ...machine, state: 'created', scheduled };
    this.outgoing.push({ command: scheduled, machine: made });
    this.#machines.set(`${made.kind} ${made.seq}`, made);
  }

  machine(kind: Machine['kind'], seq: number): Machine {
    const found = this.#machines.get(`${kind} ${seq}`);
    if (!found) throw new NondeterminismError(`there is no ${kind} ${seq}`);
    return found;
  }

  /** The machine whose command became this event. */
  waitingFor(eventId: number, event: HistoryEvent): Machine {
    const found = this.#byEvent.get(eventId);
    if (!found)
      throw new NondeterminismError(`event ${event.id} ${event.type}: nothing waits for what event ${eventId} began`);
    return found;
  }

  /** What event began it; undefined for an event of another run of the code. */
  machineOfEvent(eventId: number): Machine | undefined {
    return this.#byEvent.get(eventId);
  }

  recorded(machine: Machine, eventId: number): void {
    machine.eventId = eventId;
    if (machine.state === 'created') machine.state = 'sent';
    this.#byEvent.set(eventId, machine);
  }
}
