import { isLoopback } from '../../domain/loopback.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import { bareHost } from '../../vendors/addresses.ts';
import { within } from '../../vendors/http.ts';
import { emailOf } from './formats/email.ts';
import { type Answer, namesItsAddress, type PostOptions, whyNot } from './post.ts';
import type { Subscriber } from './subscriber.ts';

/** Bytes of one answer; it is a line or a few. */
const maxResponseSize = 16 * 1024;

const ports = { 'smtp:': 587, 'smtps:': 465 } as const;

/** What the mail server answered is a status as HTTP has them: 250 is taken, 4xx may pass, 5xx is a refusal. */
const statusOf = (code: number): number => (code < 300 ? 200 : code < 500 ? 503 : 400);

/**
 * The mail library throws only when the server refuses all recipients. A mail that some got is delivered: sent again it would come to these
 * twice, and what follows it would wait for one bad mailbox.
 */
function answerFor(refusals: readonly { responseCode?: number | undefined }[], recipients: number): Answer {
  const taken = { kind: 'answered', status: 200, text: '' } as const;
  if (refusals.length === 0) return taken;
  const codes = new Set(refusals.flatMap(({ responseCode }) => responseCode ?? []));
  return {
    ...taken,
    partly: `refused it for ${refusals.length} of ${recipients} recipients (SMTP ${[...codes].join(', ')})`,
  };
}

/**
 * Sends one mail by SMTP, https://www.rfc-editor.org/rfc/rfc5321. The address rules for subscribers hold, and TLS is required but on
 * this machine. A proxy is not used.
 */
export async function sendMail(
  { url, mail, secrets: [password] }: Subscriber,
  notification: Notification,
  { id, at, http, withinMs, cancelled }: Omit<PostOptions, 'now'> & { id: string; at: number },
): Promise<Answer> {
  if (!mail) return { kind: 'unanswered', why: 'has no sender and recipients' };
  const { protocol, port, hostname } = new URL(url);
  const host = bareHost(hostname);
  const isSecure = protocol === 'smtps:';
  const send = async (signal: AbortSignal): Promise<Answer> => {
    // With the first mail: most workers send none.
    const { createTransport } = await import('nodemailer');
    const address = namesItsAddress(hostname) ? host : await http.addressOf(host);
    const transport = createTransport({
      host: address,
      port: port === '' ? ports[isSecure ? 'smtps:' : 'smtp:'] : Number(port),
      secure: isSecure,
      requireTLS: !isSecure && !isLoopback(hostname),
      tls: { servername: host, ...(http.ca && { ca: [...http.ca] }) },
      maxResponseSize,
      connectionTimeout: withinMs,
      greetingTimeout: withinMs,
      socketTimeout: withinMs,
      ...(mail.user !== undefined && { auth: { user: mail.user, pass: password ?? '' } }),
    });
    try {
      const { from, to } = mail;
      const result = await transport.sendMail({ ...emailOf(notification, { id, at, from, to }), signal });
      return answerFor(result.rejectedErrors ?? [], to.length);
    } finally {
      transport.close();
    }
  };
  try {
    // A server that sends a byte now and then is never silent: the limit is for everything together.
    return await within({ timeoutMs: withinMs, cancelled }, send);
  } catch (error) {
    const { responseCode, code } = error as { responseCode?: number; code?: string };
    // The words of a mail server may repeat what was sent to it.
    if (code === 'EAUTH')
      return { kind: 'answered', status: 401, text: 'the mail server refuses the user or the password' };
    if (responseCode !== undefined)
      return { kind: 'answered', status: statusOf(responseCode), text: `SMTP ${responseCode}` };
    return { kind: 'unanswered', why: whyNot(error, withinMs) };
  }
}
