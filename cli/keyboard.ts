import type { ReadStream } from 'node:tty';

/** Keys as a terminal in raw mode sends them: Ctrl-C is then a character, not a signal. */
const endingKeys: ReadonlySet<number> = new Set(Buffer.from('qQ\x03\x04'));

/**
 * Listens for the keys that mean "enough": `q`, Ctrl-C, Ctrl-D. Disposing gives the terminal its line mode back;
 * so does the end of the process, as Node restores it.
 */
export function listenForQuit(input: ReadStream, quit: () => void): Disposable {
  const onKeys = (keys: Buffer): void => {
    if (keys.some((key) => endingKeys.has(key))) quit();
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
