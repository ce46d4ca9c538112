import { z } from 'zod';

/** Settings as the faces show and change them. */

/** What kind of field a form shows for a setting. `json` is for lists of objects, such as plans. */
export const SettingField = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flag') }),
  z.object({ kind: z.literal('number'), least: z.number(), most: z.number(), unit: z.string().max(32).nullable() }),
  z.object({ kind: z.literal('choice'), options: z.array(z.string().max(64)).max(64) }),
  z.object({ kind: z.literal('text'), longest: z.number().int() }),
  z.object({
    kind: z.literal('list'),
    most: z.number().int(),
    /** What its elements may be; absent where they are free texts. */
    options: z.array(z.string().max(64)).max(64).optional(),
  }),
  z.object({ kind: z.literal('json') }),
]);
export type SettingField = z.infer<typeof SettingField>;

/** One setting: `group.name`, its value in force and what a person must know of it. */
export const SettingRow = z.object({
  key: z.string().max(128),
  value: z.json(),
  initial: z.json(),
  field: SettingField,
  meaning: z.string().max(1024),
  /** Completes "… is not …". */
  expects: z.string().max(256),
  effect: z.enum(['at-once', 'next-start']),
  /** Whether this run says the value, in place of the file: then a change waits for the next start. */
  overridden: z.boolean(),
});
export type SettingRow = z.infer<typeof SettingRow>;

export const SettingsResult = z.object({ path: z.string().max(4096), settings: z.array(SettingRow).max(512) });
export type SettingsResult = z.infer<typeof SettingsResult>;

/** A new value; absent: the default again. */
export const SettingChange = z.object({ key: z.string().max(128), value: z.json().optional() });
export type SettingChange = z.infer<typeof SettingChange>;

/** The setting as it is now, or why it is as it was, in one line. */
export const SettingChanged = z.object({ row: SettingRow, refused: z.string().max(512).nullable() });
export type SettingChanged = z.infer<typeof SettingChanged>;
