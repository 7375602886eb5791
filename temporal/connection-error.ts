import { status } from '@grpc/grpc-js';
import { messageOf } from '../domain/message-of.ts';
import type { ConnectSettings } from './settings.ts';

/** The gRPC status code of an error or of what caused it. */
export function grpcCodeOf(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
}

/** Explains a failed connection and what to check. Names no key and no certificate. */
export function explainConnection(error: unknown, settings: ConnectSettings): Error {
  const where = `Temporal at ${settings.address} (${settings.addressFrom})`;
  const code = grpcCodeOf(error);
  const explained = (text: string) => new Error(text, { cause: error });
  if (code === status.NOT_FOUND) {
    return explained(
      `${where} answers, but has no namespace '${settings.namespace}' — check TEMPORAL_NAMESPACE, or make it: ` +
        `temporal operator namespace create --namespace ${settings.namespace} --address ${settings.address}`,
    );
  }
  if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) {
    return explained(
      `${where} refuses us for namespace '${settings.namespace}' — check TEMPORAL_API_KEY or the client certificate ` +
        '(TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH), and what it may do there',
    );
  }
  const tls = settings.options.tls || settings.options.apiKey ? 'on' : 'off';
  return explained(
    `${where} could not be reached within ${settings.timeoutMs / 1000} s: ${messageOf(error)} — check that it runs ` +
      `there and that TLS is meant to be ${tls} (TEMPORAL_TLS); \`showcaller dev\` starts one of its own`,
  );
}
