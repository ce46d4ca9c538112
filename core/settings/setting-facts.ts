import { z } from 'zod';

/** When a changed setting takes effect in a service that runs. */
export type Effect = 'at-once' | 'next-start';

/** What a person must know of a setting; it hangs on the setting's schema. */
export interface SettingFacts {
  /** What it is for, in whole sentences. */
  readonly meaning: string;
  /** Completes "… is not …". */
  readonly expects: string;
  /** Null where the value has none. */
  readonly unit: string | null;
  readonly effect: Effect;
  /** How to judge one element, where a list is judged element by element. */
  readonly element: { readonly accepts: (value: unknown) => boolean; readonly expects: string } | null;
}

export const settingFacts = z.registry<SettingFacts>();
