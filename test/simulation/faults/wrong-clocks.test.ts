import { driversBearWrongClocks } from './wrong-clocks.ts';

// wrong-clocks-at-length.test.ts has each phase at each vendor.
driversBearWrongClocks('vendor');
