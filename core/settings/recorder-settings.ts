import { z } from 'zod';
import { flag, text, wholeNumber } from './fields.ts';

/** Settings of the flight recorder: the headers of the packets before a spike, as a capture file. */
export const recorder = z.object({
  enabled: flag({
    meaning: 'Keep the headers of the last packets in memory, never what is in them, and write them to a file when a spike is alerted.',
    effect: 'at-once',
  }),
  seconds: wholeNumber({ least: 5, most: 600, unit: 'seconds', default: 60 }, { meaning: 'How far back they reach.', effect: 'at-once' }),
  ringMegabytes: wholeNumber({ least: 1, most: 64, unit: 'megabytes', default: 16 }, {
    meaning: 'Memory for them, for each interface: 16 hold some 170 000 packets.',
    effect: 'at-once',
  }),
  folder: text({ longest: 4096, default: '', expects: 'the absolute path of a folder, or empty', accepts: (folder) => folder === '' || folder.startsWith('/') }, {
    meaning: 'Where the files are written; empty for a folder beside the history.',
    effect: 'at-once',
  }),
  keptDays: wholeNumber({ least: 1, most: 3650, unit: 'days', default: 14 }, {
    meaning: 'How long they are kept. Only files that Tidewatch wrote itself, and that are as it wrote them, are ever deleted.',
    effect: 'at-once',
  }),
  maximumMegabytes: wholeNumber({ least: 1, most: 100_000, unit: 'megabytes', default: 500 }, {
    meaning: 'How much all of them may take together, and any one of them: the oldest are deleted.',
    effect: 'at-once',
  }),
});
