import type { Bill } from '../domain/usage/billing.ts';
import { vendors } from '../vendors/registry.ts';

/** What a vendor bills by time, as its manifest says; nothing for a vendor that is not known. */
export const billsOf = (vendor: string): readonly Bill[] => vendors.find(({ name }) => name === vendor)?.bills ?? [];

/** The vendors that bill something which all events of an account share. */
export const vendorsThatShare: readonly string[] = vendors
  .filter(({ bills }) => bills.some(({ goesOn }) => goesOn))
  .map(({ name }) => name);
