import { bundleNow } from './bundle-now.ts';

// Bundles the workflows for the process that started it, and ends with it.
process.on('disconnect', () => process.exit());
// A Ctrl-C reaches both; the other decides when to end.
process.on('SIGINT', () => {});
process.on('message', async ({ failureConverterPath }: { failureConverterPath?: string }) => {
  const { code } = await bundleNow(failureConverterPath);
  process.send?.(code);
});
if (!process.connected) process.exit();
