import type { ReadStream } from 'node:tty';
import { StringDecoder } from 'node:string_decoder';

/** What was typed: a character, or a key that has a name. Ctrl-C and Ctrl-D are `end`. */
export type Key =
  | { readonly kind: 'character'; readonly text: string }
  | { readonly kind: 'up' | 'down' | 'left' | 'right' | 'tab' | 'back-tab' | 'enter' | 'escape' | 'backspace' | 'end' };

/** Control sequences of keys (ECMA-48 as xterm sends them, in normal and in application mode). */
const sequences: Readonly<Record<string, Key['kind'] | undefined>> = {
  '\x1b[A': 'up', '\x1bOA': 'up',
  '\x1b[B': 'down', '\x1bOB': 'down',
  '\x1b[C': 'right', '\x1bOC': 'right',
  '\x1b[D': 'left', '\x1bOD': 'left',
  '\x1b[Z': 'back-tab',
  '\t': 'tab',
  '\r': 'enter', '\n': 'enter',
  '\x1b': 'escape',
  '\x7f': 'backspace', '\b': 'backspace',
  '\x03': 'end', '\x04': 'end',
};

/** What follows ESC in a control sequence (ECMA-48 5.4), or in the key of a pad in application mode. */
const afterEscape = /^(?:\[[0-9;]*[ -/]*[@-~]|O[ -~])/u;

/** The keys in what a terminal sent at once. Sequences that mean nothing here are left out. */
export function keysIn(text: string): readonly Key[] {
  const keys: Key[] = [];
  let left = text;
  while (left !== '') {
    const character = String.fromCodePoint(left.codePointAt(0) ?? 0);
    const key = character === '\x1b' ? `${character}${afterEscape.exec(left.slice(1))?.[0] ?? ''}` : character;
    left = left.slice(key.length);
    const kind = sequences[key];
    if (kind !== undefined && kind !== 'character') keys.push({ kind });
    else if (key >= ' ' && key === character) keys.push({ kind: 'character', text: key });
  }
  return keys;
}

/**
 * Listens for keys, in raw mode: Ctrl-C is then a character, not a signal. Disposing gives the terminal its line mode back; so does the
 * end of the process, as Node restores it.
 */
export function listenForKeys(input: ReadStream, take: (key: Key) => void): Disposable {
  const decoder = new StringDecoder('utf8');
  const onKeys = (bytes: Buffer): void => {
    for (const key of keysIn(decoder.write(bytes))) take(key);
  };
  input.setRawMode(true);
  input.on('data', onKeys);
  input.resume();
  return {
    [Symbol.dispose]() {
      input.off('data', onKeys);
      input.pause();
      input.setRawMode(false);
    },
  };
}

/** Listens for the keys that mean "enough": `q`, Ctrl-C, Ctrl-D. */
export function listenForQuit(input: ReadStream, quit: () => void): Disposable {
  return listenForKeys(input, (key) => {
    if (key.kind === 'end' || (key.kind === 'character' && key.text.toLowerCase() === 'q')) quit();
  });
}
