/** A Lambda authorizer that lets everybody in: what is measured is what stands around it. */
export async function handler() {
  return { isAuthorized: true, context: { plan: "gold" } };
}
