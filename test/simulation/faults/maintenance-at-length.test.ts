import { maintenanceIsWaitedFor } from './maintenance.ts';

maintenanceIsWaitedFor('case');
