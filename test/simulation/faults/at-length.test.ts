import { allHold } from './all-hold.ts';

const { SEED, SCENARIOS, AT_ONCE } = process.env;
const firstSeed = Number(SEED ?? Math.floor(Date.now() / 1000) % 1_000_000);
const count = Number(SCENARIOS ?? (SEED === undefined ? 1000 : 1));

process.stderr.write(`${count} scenarios from the seed ${firstSeed}\n`);
allHold({ firstSeed, count, atOnce: Number(AT_ONCE ?? 10) });
