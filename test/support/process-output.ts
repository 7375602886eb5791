/** What a process of a test said, to its last word. */
export interface ProcessOutput {
  /** For messages: the command as it was typed. */
  command: string;
  text(): string;
}

const utterers: ProcessOutput[] = [];

export const recordOutput = (utterer: ProcessOutput): void => {
  utterers.push(utterer);
};

/** Everything that was said on stdout and stderr by processes of this file of tests. */
export const processOutputs = (): readonly ProcessOutput[] => utterers;
