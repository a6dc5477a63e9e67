/**
 * A header's name with every choice of hyphen and underscore: CGI-style backends read both
 * as one, so a client could otherwise set what a mapping sets (R-05, Caddy GHSA-f59h-q822-g45g).
 */
export interface Spellings {
  /** Takes every spelling of the name off. */
  remove(headers: Headers): void;
}

export function headerSpellings(name: string): Spellings {
  const words = name.split(/[-_]/);
  if (words.length <= 5) {
    const all = everySpelling(words);
    return {
      remove(headers) {
        for (const spelling of all) headers.delete(spelling);
      },
    };
  }
  // Too many to list.
  const plain = name.toLowerCase().replaceAll("_", "-");
  return {
    remove(headers) {
      for (const sent of [...headers.keys()]) {
        if (sent.replaceAll("_", "-") === plain) headers.delete(sent);
      }
    },
  };
}

function everySpelling([first = "", ...rest]: readonly string[]): readonly string[] {
  return rest.reduce<readonly string[]>(
    (starts, word) => starts.flatMap((start) => [`${start}-${word}`, `${start}_${word}`]),
    [first],
  );
}
