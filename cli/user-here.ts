import { userInfo } from 'node:os';

/** Who acts, where nothing else is said: the user of this process. A service has no USER, and its account may have no name in a container. */
export function userHere(): string {
  try {
    return process.env.USER || userInfo().username;
  } catch {
    return 'cli';
  }
}
