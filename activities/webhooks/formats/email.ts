import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Notification } from '../../../domain/webhooks/notification.ts';

/** A mail in plain text. The same webhook has the same message id at every attempt: a mailbox shows it once. */
export function emailOf(
  { severity, title, text, facts }: Notification,
  { id, at, from, to }: { id: string; at: number; from: string; to: readonly string[] },
): SendMailOptions {
  const name = createHash('sha256').update(id).digest('hex').slice(0, 32);
  const isUrgent = severity === 'critical';
  return {
    from,
    to: [...to],
    subject: `[${severity}] ${title}`,
    date: new Date(at),
    messageId: `<${name}@showcaller.invalid>`,
    ...(isUrgent && { priority: 'high' as const }),
    // RFC 3834: no automatic answers.
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: [
      title,
      '',
      ...(text === '' ? [] : [text, '']),
      ...facts.map(([fact, value]) => `${fact}: ${value}`),
      '',
    ].join('\n'),
    // Addresses and texts come from plans: nodemailer must read no file and fetch no address because of them.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
