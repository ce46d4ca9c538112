import { AppId } from '../../protocol/app.ts';

/** What names an app, without the executable it was met with. */
export interface Identity {
  readonly app: AppId;
  readonly displayName: string;
}

/** An app: its lasting identity, the executable it was met with (null where unreadable), and what a person calls it. */
export interface App extends Identity {
  readonly exe: string | null;
}

/** A name that a person reads in one line of a table; the identity keeps the whole. */
const longestDisplayName = 128;

/** An identity from its text (at most 4200 characters, never empty) and the name for a person, cut to one line. */
export function identity(app: string, displayName: string): Identity {
  return { app: AppId.parse(app), displayName: displayName.slice(0, longestDisplayName) };
}

/** The last section of a path; the whole path where that is empty. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

/** The folder of a path, without the slash at its end; empty for the root and for a bare name. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
