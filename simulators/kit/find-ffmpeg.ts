import { spawn } from 'node:child_process';

const trialMs = 10_000;

/** The path of an ffmpeg that really runs here: `FFMPEG`, else the one of `@ffmpeg-installer/ffmpeg`. */
export async function findFfmpeg(): Promise<string | undefined> {
  const path = process.env.FFMPEG ?? (await installedPath());
  return path !== undefined && path !== '' && (await runs(path)) ? path : undefined;
}

/** The package throws on platforms it has no binary for. */
async function installedPath(): Promise<string | undefined> {
  try {
    const { default: installer } = await import('@ffmpeg-installer/ffmpeg');
    return installer.path;
  } catch {
    return undefined;
  }
}

function runs(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(path, ['-hide_banner', '-version'], { stdio: 'ignore', timeout: trialMs });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
