import { describe, expect, it } from 'vitest';
import {
  acceptsEncoder,
  endReasons,
  finalPhaseOf,
  isBeforeStop,
  isClosingDown,
  isOver,
  mayFollow,
  phases,
  phasesAfter,
} from '../../../domain/phases.ts';
import { inPhases } from '../../../domain/search-attributes.ts';

describe('the table of phases', () => {
  it('leads from the beginning to every phase', () => {
    const reached = new Set(phases.filter((phase) => mayFollow(undefined, phase)));
    for (const phase of reached) for (const next of phasesAfter(phase)) reached.add(next);
    expect([...reached].sort()).toEqual([...phases].sort());
  });

  it('leads out of every phase but the final ones', () => {
    expect(phases.filter((phase) => phasesAfter(phase).length === 0)).toEqual(phases.filter(isOver));
  });

  it('lets every end reason end a run', () => {
    for (const reason of endReasons) {
      expect(phases.some((phase) => mayFollow(phase, finalPhaseOf(reason)))).toBe(true);
    }
  });

  it('allows no run to go back before the stop, nor to enter a phase twice in a row', () => {
    for (const from of phases.filter(isClosingDown)) {
      expect(phasesAfter(from).filter((to) => isBeforeStop(to))).toEqual([]);
    }
    expect(phases.filter((phase) => mayFollow(phase, phase))).toEqual([]);
  });
});

describe('the groups of phases', () => {
  it('hold each phase once, before the stop, during the closing down or after the end', () => {
    for (const phase of phases) {
      expect([isBeforeStop, isClosingDown, isOver].filter((group) => group(phase))).toHaveLength(1);
    }
    expect([isBeforeStop, isClosingDown, isOver, acceptsEncoder].some((group) => group(undefined))).toBe(false);
  });

  it('make queries', () => {
    expect(inPhases(acceptsEncoder)).toBe("ShowcallerPhase IN ('waiting-for-encoder', 'live', 'encoder-lost')");
  });
});
