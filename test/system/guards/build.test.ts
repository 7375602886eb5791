import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, constants, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, run } from '../../../scripts/command.ts';
import { type StagedPackage, stagedPackage } from '../../../scripts/staged-package.ts';
import { intrudersIn } from '../../../scripts/workflow-bundle.ts';

let built: StagedPackage;
const inPackage = (path: string): string => join(built.folder, path);

// The compiler alone takes ten seconds of a processor that may have other things to do.

beforeAll(async () => {
  built = await stagedPackage();
});
afterAll(() => built?.remove());

describe('the built package', () => {
  it('shows the commands', async () => {
    const { code, stdout } = await run('node', [inPackage('dist/cli/main.js'), '--help']);
    expect(stdout).toContain('Usage: showcaller');
    expect(code).toBe(0);
  });

  it('has a command that can be executed as it is', async () => {
    await access(inPackage('dist/cli/main.js'), constants.X_OK);
    expect(await readFile(inPackage('dist/cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('runs the simulators and says where they are', async () => {
    const simulators = spawn('node', [inPackage('dist/cli/main.js'), 'sim', '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const { control, vendors } = await documentOf(simulators.stdout);
      const answer = await fetch(`${control}/simulators`);
      const running = (await answer.json()) as { vendor: string }[];
      expect(running.map(({ vendor }) => vendor)).toEqual(Object.keys(vendors));
      expect(running.length).toBeGreaterThan(3);
    } finally {
      simulators.kill('SIGTERM');
    }
    const [code] = await once(simulators, 'exit');
    expect(code).toBe(0);
  });

  it('has the data that the simulated encoder plays', async () => {
    const path = 'simulators/kit/fixture.flv';
    const [shipped, source] = await Promise.all([stat(inPackage(`dist/${path}`)), stat(join(root, path))]);
    expect(shipped.size).toBe(source.size);
  });

  it('has the event board whole, and finds the player beside it', async () => {
    const script = `
      const { boardRoutes } = await import(${JSON.stringify(inPackage('dist/api/routes/board.js'))});
      const app = (await import('fastify')).default();
      await app.register(boardRoutes());
      const answers = await Promise.all(['/', '/board/main.js', '/board/hls.js'].map((url) => app.inject(url)));
      console.log(answers.map(({ statusCode }) => statusCode).join(' '));`;
    const { stdout } = await run('node', ['--input-type=module', '--eval', script], { cwd: root });
    expect(stdout.trim()).toBe('200 200 200');
  });

  it('has a workflow bundle that its worker finds by itself', async () => {
    const script = `
      const { workflowBundle } = await import(${JSON.stringify(inPackage('dist/worker/bundle.js'))});
      console.log(JSON.stringify(await workflowBundle()));`;
    const { stdout, output } = await run('node', ['--input-type=module', '--eval', script]);
    expect(output).not.toContain('Error');
    const { codePath } = JSON.parse(stdout) as { codePath: string };
    const code = await readFile(codePath, 'utf8');
    expect(code).toContain('liveEvent');
    expect(intrudersIn(code)).toEqual([]);
  });

  it('can be imported by its name, and has types', async () => {
    const script = "console.log(Object.keys(await import('showcaller')).join(' '))";
    const { stdout } = await run('node', ['--input-type=module', '--eval', script], { cwd: built.folder });
    expect(stdout).toContain('ShowcallerClient');
    expect(await readFile(inPackage('dist/client/index.d.ts'), 'utf8')).toContain('ShowcallerClient');
  });

  it('has neither tests nor scripts in it', () => {
    expect(['test', 'scripts', 'vitest.config.js'].filter((name) => existsSync(inPackage(`dist/${name}`)))).toEqual([]);
  });
});

interface SimulatorDocument {
  control: string;
  vendors: Record<string, unknown>;
}

/** The one JSON document that a command which stays prints on stdout. */
async function documentOf(stdout: NodeJS.ReadableStream): Promise<SimulatorDocument> {
  let text = '';
  for await (const chunk of stdout) {
    text += String(chunk);
    if (text.endsWith('}\n')) return JSON.parse(text) as SimulatorDocument;
  }
  throw new Error(`the simulators ended; they said ${JSON.stringify(text)}`);
}
