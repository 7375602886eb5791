/** How people sign in on the board: by a public client of the issuer, with PKCE. */
export interface SignInOptions {
  clientId: string;
  scope: string;
  /** Further parameters of the authorization request, such as `audience` or `resource`. */
  parameters: Readonly<Record<string, string>>;
}

/** What the board needs to know of the issuer. */
export interface SignIn extends SignInOptions {
  issuer: string;
  /** The endpoints, as its discovery document has them. */
  authorize: string;
  token: string;
  /** Which of its tokens this API takes: an ID token is made for the client, an access token for the audience. */
  sends: 'id_token' | 'access_token';
}
