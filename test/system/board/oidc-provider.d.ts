/** What the tests use of it: it has no types of its own. https://github.com/panva/node-oidc-provider/blob/main/docs/README.md */
declare module 'oidc-provider' {
  import type { Server } from 'node:http';

  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export default class Provider {
    constructor(issuer: string, configuration: object);
    listen(port: number, host: string): Server;
    on(event: 'grant.success' | 'grant.error', listener: (context: { oidc: { params: object } }) => void): this;
  }
}
