/**
 * FNV-1a, 32 bits: spreads texts over a number of places. It need not resist anybody, who could
 * only choose a place.
 */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
