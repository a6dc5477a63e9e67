/** A Lambda authorizer: lets in whoever knows the word, and tells the function who it is. */
export async function handler(event: { readonly identitySource: readonly string[] }) {
  const [word] = event.identitySource;
  return { isAuthorized: word === "let-me-in", context: { user: "a friend" } };
}
