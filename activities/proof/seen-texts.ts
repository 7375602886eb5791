/** Entries are half of the places at most, so that a free one is near. */
const leastPlaces = 1_024;

/**
 * Which of very many texts came before. It keeps a number of 53 bits for each instead of the text: of 300,000 texts the
 * chance that two share one is below one in 100,000, and a large set of strings would hold up the process when memory is
 * tidied.
 */
export class SeenTexts {
  #places = new Float64Array(leastPlaces);
  #size = 0;

  /** Whether the text is new. */
  add(text: string): boolean {
    if (!put(this.#places, hashOf(text))) return false;
    this.#size += 1;
    if (2 * this.#size > this.#places.length) this.#grow();
    return true;
  }

  #grow(): void {
    const places = new Float64Array(2 * this.#places.length);
    for (const hash of this.#places) if (hash !== 0) put(places, hash);
    this.#places = places;
  }
}

/** Whether it was not there. 0 is a free place. */
function put(places: Float64Array, hash: number): boolean {
  let at = hash % places.length;
  while (places[at] !== 0 && places[at] !== hash) at = (at + 1) % places.length;
  if (places[at] === hash) return false;
  places[at] = hash;
  return true;
}

/** Two multiplicative hashes of 32 bits, of which 53 bits are kept; never 0. */
function hashOf(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (b & 0x1fffff) * 0x1_0000_0000 + (a >>> 0) || 1;
}
