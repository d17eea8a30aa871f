/** Why somebody is not logged in: for the log, not for the client, and without any secret. */
export class AuthenticationFailed extends Error {
  override readonly name = "AuthenticationFailed";
}
