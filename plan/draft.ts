import type { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import type { Plan } from '../domain/plan.ts';
import { type Path, pathText } from '../domain/problems.ts';

/** A plan with some fields that the schema refused: the rules check the others, so that all problems are reported at once. */
export interface Draft {
  input: JsonObject;
  /** The fields that passed the schema. */
  plan: Partial<Plan>;
  /** Whether the schema refused the field, or what holds it. */
  isBad(path: string): boolean;
}

export function draftOf(input: JsonObject, issues: readonly z.core.$ZodIssue[]): Draft {
  const refused = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path],
  );
  const plan = structuredClone(input);
  for (const path of refused) removeAt(plan, path);
  const bad = refused.map(pathText);
  return {
    input,
    plan: plan as Partial<Plan>,
    isBad: (path) => bad.some((start) => path === start || path.startsWith(`${start}.`)),
  };
}

/** A list with one bad entry is removed as a whole: the rules need no part of it. */
function removeAt(plan: JsonObject, path: Path): void {
  let holder = plan;
  for (const [depth, part] of path.entries()) {
    const key = String(part);
    const value = Object.hasOwn(holder, key) ? holder[key] : undefined;
    const isLast = depth === path.length - 1;
    if (isLast || value === null || typeof value !== 'object' || Array.isArray(value)) {
      delete holder[key];
      return;
    }
    holder = value;
  }
}
