import type { Command } from 'commander';
import { orThrow } from '../../domain/configuration/checked.ts';
import { packageVersion } from '../../temporal/package-version.ts';
import { readWorkerConfig, workerSettings } from '../../worker/config.ts';
import type { DeploymentVersion } from '../../worker/versioning.ts';
import { say } from '../io.ts';
import { untilStopped } from '../signals.ts';
import { settingsOptions, sourcesWith } from '../sources.ts';
import { temporalOptions } from './options.ts';

export const registerWorker = (program: Command): void => {
  const command = temporalOptions(
    program.command('worker').description('run events: the worker, with the accounts of its environment'),
  );
  settingsOptions(command, workerSettings).action(async (flags: object) => {
    const config = orThrow(readWorkerConfig(sourcesWith(flags)));
    const { runWorker } = await import('../../worker/run.ts');
    const stopped = untilStopped();
    const running = await runWorker(config);
    const names = config.accounts.all().map(({ vendor, account }) => `${vendor}/${account.name}`);
    say(
      `worker on ${running.namespace}/${config.taskQueue}, accounts ${names.join(', ')}; showcaller ${packageVersion()}`,
    );
    if (running.deployment) say(deploymentText(running.deployment));
    // A person who presses Ctrl-C does not wait for the last steps.
    void stopped.then((signal) => (signal === 'SIGTERM' ? running.leave() : running.stop()));
    await running.done;
  });
};

/** A versioned worker gets no new events until its build is current; this line says so and how to make it current. */
const deploymentText = ({ deploymentName, buildId }: DeploymentVersion): string =>
  `build ${buildId} of deployment ${deploymentName}: new events come to it once it is current, by ` +
  `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
