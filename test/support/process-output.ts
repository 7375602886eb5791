/** What a process of a test said, to its last word. */
export interface Utterer {
  /** For messages: the command as it was typed. */
  command: string;
  text(): string;
}

const utterers: Utterer[] = [];

export const listenTo = (utterer: Utterer): void => {
  utterers.push(utterer);
};

/** Everything that was said on stdout and stderr by processes of this file of tests. */
export const everythingSaid = (): readonly Utterer[] => utterers;
