import { z } from 'zod';

/** The picture of an app, as the desktop's icon theme has it. */

/** Longest picture that is handed on, in bytes: a detailed SVG has a tenth of that. */
export const maximumIconBytes = 262_144;

/** `size` is the edge in pixels at which it is to be shown. */
export const IconQuery = z.object({ app: z.string().min(1).max(4200), size: z.number().int().min(8).max(512) });
export type IconQuery = z.infer<typeof IconQuery>;

/** The file as it is: whoever shows it does so as an image, in which no script runs. */
export const Icon = z.object({
  mediaType: z.enum(['image/png', 'image/svg+xml']),
  base64: z.base64().max(Math.ceil(maximumIconBytes / 3) * 4),
});
export type Icon = z.infer<typeof Icon>;
