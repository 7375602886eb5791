/** Each role includes those before it. */
const roles = ['viewer', 'operator', 'admin'] as const;
/** Granted beside a role; no role includes them. */
const extraPermissions = ['ingest', 'hook'] as const;
export const permissions = [...roles, ...extraPermissions] as const;
export type Permission = (typeof permissions)[number];

/** A caller. */
export interface Principal {
  /** The token's name, or the subject of a JWT. Kept in the report of what it does. */
  name: string;
  permissions: readonly Permission[];
  /** Sees and makes events of this tenant alone. */
  tenant?: string;
}

/** Whether the principal holds the permission, or a role above it. */
export function may({ permissions: held }: Principal, wanted: Permission): boolean {
  const rank = (permission: Permission) => (roles as readonly Permission[]).indexOf(permission);
  return held.some((one) => one === wanted || (rank(wanted) >= 0 && rank(one) >= rank(wanted)));
}
