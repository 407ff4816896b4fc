/** First letters of the first and the last word of a name, or of an address. */
export function initialsOf(name: string): string {
  const words = (name.includes("@") ? (name.split("@")[0] ?? "") : name).split(/[\s._-]+/u).filter(Boolean);
  const [first, last] = [words[0] ?? "?", words.length > 1 ? words.at(-1) : ""];
  return `${firstLetter(first)}${firstLetter(last ?? "")}`.toLocaleUpperCase();
}

function firstLetter(word: string): string {
  return String.fromCodePoint(...[word.codePointAt(0)].filter((code) => code !== undefined));
}
