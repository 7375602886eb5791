import { ScenarioAccounts } from './accounts.ts';
import { failureReport } from './failure-report.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { Stats } from './stats.ts';

export interface CampaignOptions {
  firstSeed: number;
  count: number;
  /** Scenarios played at the same time: they mostly wait. */
  atOnce: number;
}

/** Plays scenarios in the order of their seeds, several at once; each can be waited for by itself. */
export class Campaign {
  readonly scenarios: readonly Scenario[];
  readonly stats = new Stats();
  readonly #accounts: ScenarioAccounts;
  /** By seed: what went wrong, in words; empty when nothing did. */
  readonly #outcomes: ReadonlyMap<number, Promise<string>>;

  private constructor(accounts: ScenarioAccounts, { firstSeed, count, atOnce }: CampaignOptions) {
    this.#accounts = accounts;
    this.scenarios = Array.from({ length: count }, (_, i) => scenarioOf(firstSeed + i));
    const inTurn = turnstile(atOnce);
    this.#outcomes = new Map(this.scenarios.map((scenario) => [scenario.seed, inTurn(() => this.#playOne(scenario))]));
  }

  static async begin(options: CampaignOptions): Promise<Campaign> {
    return new Campaign(await ScenarioAccounts.open(), options);
  }

  async complaintsAbout(seed: number): Promise<string> {
    return (await this.#outcomes.get(seed)) ?? 'it is not in this campaign';
  }

  async end(): Promise<void> {
    await Promise.all(this.#outcomes.values());
    await this.#accounts.close();
  }

  async #playOne(scenario: Scenario): Promise<string> {
    try {
      const evidence = await play(this.#accounts, scenario);
      const violations = problemsOf(evidence);
      this.stats.count(evidence, violations);
      return violations.length === 0 ? '' : failureReport(scenario, violations, evidence);
    } catch (error) {
      const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return failureReport(scenario, [`the scenario could not be played: ${broken}`]);
    }
  }
}

/** Lets so many through at once, the others in the order in which they came. */
function turnstile(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
