import type { Icon } from '../../protocol/app.ts';

/** Pictures of apps. */
export interface Icons {
  /** The picture of an app, best for `size` pixels; null where there is none. */
  of(app: string, size: number): Icon | null;
}
