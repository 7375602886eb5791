/** Whether an account or a subscriber that is kept for these tenants may be used by a plan of this one. */
export const isFor = (tenants: readonly string[] | undefined, tenant: string | undefined): boolean =>
  tenants === undefined || (tenant !== undefined && tenants.includes(tenant));
