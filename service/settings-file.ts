import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import Conf from 'conf';
import { readSettings, shownValue } from '../core/settings/index.ts';
import type { Setting, SettingsReading } from '../core/settings/index.ts';
import { errorCode } from './error-code.ts';
import { ServiceError } from './service-error.ts';

/** What the file says now. `unreadable` says why nothing could be taken from it; the settings are then the defaults. */
export interface SettingsState extends SettingsReading {
  readonly unreadable: string | null;
}

type Json = Record<string, unknown>;

/** What is in the file, or why that cannot be told. An absent file is an empty one. */
type Content = { readonly kind: 'read'; readonly value: Json } | { readonly kind: 'unreadable'; readonly reason: string };

/** All settings with all their lists full take less. */
const maximumBytes = 4_194_304;

/** How often the file is looked at: a stat(2) costs microseconds, and a person waits half a second at most. */
const lookEveryMs = 500;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text holds. Throws `SyntaxError` with a reason for a person. */
function objectIn(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (error) {
    throw new SyntaxError('it is not valid JSON', { cause: error });
  }
  if (!isObject(value)) throw new SyntaxError(`it holds ${shownValue(value)} where an object should be`);
  return value;
}

function boundedText(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > maximumBytes) throw new SyntaxError(`it has ${size} bytes, more than any settings need`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function contentOf(file: string): Content {
  try {
    return { kind: 'read', value: objectIn(boundedText(file)) };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'read', value: {} };
    return { kind: 'unreadable', reason: code ?? (error instanceof Error ? error.message : String(error)) };
  }
}

/** Differs whenever the file was written, replaced, made or removed (stat(2)). */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return errorCode(error) ?? 'unknown';
  }
}

/**
 * The file of the settings. It is written only by {@link set} and {@link reset}, atomically and with mode 0600, and never
 * where it could not be read: what a person wrote by hand is not lost.
 */
export class SettingsFile {
  readonly path: string;

  /** It need not exist, and reading does not make it. */
  constructor(file: string) {
    this.path = path.resolve(file);
  }

  /** What it says now. Never throws: a file that cannot be read is told of in the state. */
  read(): SettingsState {
    const content = contentOf(this.path);
    return content.kind === 'read'
      ? { ...readSettings(content.value), unreadable: null }
      : { ...readSettings({}), unreadable: content.reason };
  }

  /**
   * Calls `act` within a second after the file was changed, made or removed, by whomever. From this call on: the first look
   * of fs.watchFile comes later, and what changes until then it never tells.
   */
  watch(act: () => void): Disposable {
    let seen = stateOf(this.path);
    const timer = setInterval(() => {
      const now = stateOf(this.path);
      if (now === seen) return;
      seen = now;
      act();
    }, lookEveryMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /**
   * Writes one setting; everything else in the file stays. Throws {@link ServiceError} 'settings-unreadable' where the file
   * holds something else than settings, and 'settings-unwritable' where it cannot be written.
   */
  set({ key, group }: Setting, value: unknown): void {
    this.#write(group, (store) => store.set(key, value));
  }

  /** Takes one setting out of the file: it is then the default. Throws like {@link set}. */
  reset({ key, group }: Setting): void {
    this.#write(group, (store) => store.delete(key));
  }

  #write(group: string, change: (store: Conf<Json>) => void): void {
    this.#refuseUnreadable(group);
    try {
      const { dir, name, ext } = path.parse(this.path);
      // A folder for one user's files (XDG Base Directory Specification, "Environment variables").
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      // The engine reads the file again before it writes, and stops where `objectIn` throws: there is no moment at which a
      // file that became unreadable could be overwritten.
      change(new Conf<Json>({ cwd: dir, configName: name, fileExtension: ext.slice(1), configFileMode: 0o600, deserialize: objectIn }));
    } catch (error) {
      const reason = errorCode(error) ?? (error instanceof Error ? error.message : String(error));
      throw new ServiceError('settings-unwritable', `the settings in ${this.path} cannot be written (${reason}); make it and its folder yours to write`, { cause: error });
    }
  }

  #refuseUnreadable(group: string): void {
    const content = contentOf(this.path);
    const reason = content.kind === 'unreadable' ? content.reason : foreignGroup(content.value, group);
    if (reason === null) return;
    throw new ServiceError('settings-unreadable', `the settings in ${this.path} are left as they are (${reason}); mend the file or move it away, then try again`);
  }
}

/** Why a setting cannot be put into its group: something else stands there, which writing would destroy. */
function foreignGroup(content: Json, group: string): string | null {
  const there = Object.hasOwn(content, group) ? content[group] : undefined;
  return there === undefined || isObject(there) ? null : `"${group}" holds ${shownValue(there)} where a group of settings should be`;
}
