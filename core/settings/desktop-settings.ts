import { z } from 'zod';
import { choice, flag } from './fields.ts';

/** Settings of the desktop's own faces: the icon in the tray, and whether it comes with the session. */

export const tray = z.object({
  style: choice(['numbers', 'bars'], 'numbers', {
    meaning: 'What the icon in the tray shows: the two rates as numbers, or as two bars.',
    effect: 'at-once',
  }),
  panel: choice(['auto', 'dark', 'light'], 'auto', {
    meaning: 'What the panel behind the icon looks like. `auto` gives the icon a ground of its own, which is legible on any.',
    effect: 'at-once',
  }),
  size: choice(['auto', '16', '22', '24', '32', '48'], 'auto', {
    meaning: 'The size of the icon in pixels, where the panel shows it blurred: that of its own icons. `auto` offers all sizes.',
    effect: 'at-once',
  }),
});

export const desktop = z.object({
  autostart: flag({ meaning: 'Start with the session, in the tray.', effect: 'at-once' }),
});
