import { styleText } from 'node:util';

/** What a piece of text means; colours follow from it, and without colours nothing is lost. */
export type Tone = 'normal' | 'title' | 'strong' | 'faint' | 'good' | 'warning' | 'bad' | 'down' | 'up';

/** Puts a tone on a text that is harmless already. */
export type Paint = (tone: Tone, text: string) => string;

/** No colours: the text as it is. */
export const plainPaint: Paint = (_tone, text) => text;

const formats = {
  title: ['bold', 'dim'],
  strong: ['bold'],
  faint: ['dim'],
  good: ['green'],
  warning: ['yellow'],
  bad: ['red', 'bold'],
  down: ['cyan'],
  up: ['magenta'],
} as const;

const colourPaint: Paint = (tone, text) =>
  tone === 'normal' || text === '' ? text : styleText([...formats[tone]], text, { validateStream: false });

/** What decides about colours: the stream's kind, and the variables NO_COLOR (no-color.org) and TERM. */
export interface ColourCircumstances {
  readonly isTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Colours only on a terminal that has them, and never where NO_COLOR is set to anything but the empty text. */
export function paintFor(circumstances: ColourCircumstances): Paint {
  const { isTerminal, environment } = circumstances;
  const unwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return isTerminal && !unwanted ? colourPaint : plainPaint;
}
