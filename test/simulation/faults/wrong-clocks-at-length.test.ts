import { driversBearWrongClocks } from './wrong-clocks.ts';

driversBearWrongClocks('phase');
