import type { english } from './english.ts';

/** The same texts in another language: strings for strings, functions of the same parameters for functions. */
type Translated<Text> = Text extends string ? string : Text extends (...parameters: infer Parameters) => string ? (...parameters: Parameters) => string : { readonly [Key in keyof Text]: Translated<Text[Key]> };

/** What every language says. A text that is missing, or one too many, does not compile. */
export type Catalogue = Translated<typeof english>;
