import { generated } from './generated.ts';
import { regenerate } from './generated-drift.ts';

const written = await regenerate(generated);
console.log(
  written.length === 0 ? 'all generated files are current' : written.map((path) => `wrote ${path}`).join('\n'),
);
