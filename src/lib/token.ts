/** A token of HTTP's grammar, which header names and methods are (RFC 9110, 5.1 and 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
