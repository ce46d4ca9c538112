/** Pictures of apps from the desktop's icon theme: see README.md. */
import type { AppEntries } from '../../core/attribution/index.ts';
import { AppId } from '../../protocol/app.ts';
import type { Icon } from '../../protocol/app.ts';
import type { DesktopEnvironment } from '../desktop-entries.ts';
import { readIcon } from './icon-file.ts';
import { chosenThemes, iconFolders } from './icon-folders.ts';
import { ThemeLookup } from './theme-lookup.ts';

/** Pictures of apps. */
export interface Icons {
  /** The picture of an app, best for `size` pixels; null where there is none. */
  of(app: string, size: number): Icon | null;
}

/** How long a picture is remembered, and that there is none: a theme changes rarely, and a window asks again and again. In milliseconds. */
const rememberedMs = 300_000;

/** Characters of pictures that are remembered, most: some hundred apps' icons. */
const maximumRemembered = 4_194_304;

/** Answers that are remembered, most; each has a bounded key. */
const maximumAnswers = 512;

/** The icon themes of this machine, read at the first question and again every five minutes, if anybody asks. */
export class ThemeIcons implements Icons {
  readonly #environment: DesktopEnvironment;
  readonly #entries: Pick<AppEntries, 'iconOf'>;
  readonly #monotonic: () => number;
  readonly #answers = new Map<string, Icon | null>();
  #lookup: ThemeLookup | null = null;
  #held = 0;
  #forgetAt = 0;

  constructor(environment: DesktopEnvironment, entries: Pick<AppEntries, 'iconOf'>, monotonic: () => number) {
    this.#environment = environment;
    this.#entries = entries;
    this.#monotonic = monotonic;
  }

  of(app: string, size: number): Icon | null {
    this.#forgetIfOld();
    const key = `${size} ${app}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const icon = this.#find(app, size);
    this.#remember(key, icon);
    return icon;
  }

  #find(app: string, size: number): Icon | null {
    const id = AppId.safeParse(app);
    const name = id.success ? this.#entries.iconOf({ app: id.data }) : null;
    if (name === null) return null;
    this.#lookup ??= new ThemeLookup(iconFolders(this.#environment), chosenThemes(this.#environment));
    const file = this.#lookup.find(name, size);
    return file === null ? null : readIcon(file);
  }

  #remember(key: string, icon: Icon | null): void {
    const length = icon?.base64.length ?? 0;
    if (this.#answers.size >= maximumAnswers || this.#held + length > maximumRemembered) this.#forget();
    this.#answers.set(key, icon);
    this.#held += length;
  }

  #forgetIfOld(): void {
    const now = this.#monotonic();
    if (now < this.#forgetAt) return;
    this.#forgetAt = now + rememberedMs;
    this.#lookup = null;
    this.#forget();
  }

  #forget(): void {
    this.#answers.clear();
    this.#held = 0;
  }
}
