/** The text for a word of the protocol; the word itself where a newer service says one that this window does not know yet. */
export function textFor(texts: Readonly<Record<string, string>>, word: string): string {
  return Object.hasOwn(texts, word) ? (texts[word] ?? word) : word;
}
