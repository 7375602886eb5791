import { maintenanceIsWaitedFor } from './maintenance.ts';

// maintenance-at-length.test.ts has each case at each vendor.
maintenanceIsWaitedFor('vendor');
