import { UsageError } from './io.ts';

type Env = Record<string, string | undefined>;

const origin = /^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:(\d{1,5}|\*))?$/i;

/** Where the board may play recordings from, in the words of a content security policy. */
export function mediaOriginsFrom({ SHOWCALLER_BOARD_MEDIA_ORIGINS: text = '' }: Env): string[] {
  const given = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = given.filter((word) => !origin.test(word));
  if (wrong.length > 0)
    throw new UsageError(
      `SHOWCALLER_BOARD_MEDIA_ORIGINS: ${wrong.join(', ')} is no origin: give scheme and host, such as https://vod.example.com or https://*.example.com`,
    );
  return given;
}
