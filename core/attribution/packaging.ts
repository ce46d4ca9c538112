import { baseName, identity } from './identity.ts';
import type { Identity } from './identity.ts';
import type { ControlGroup } from './control-group.ts';

/**
 * Apps that come in a package with a name of its own, which outlives the package's versions and the place where it
 * happens to be mounted.
 */

/**
 * The app of a control group that stands for a package, a container or a machine; null for every other. A container is shown
 * by the name that its user gave it, where that is known; its identity is its number, which no other ever has.
 */
export function packagedByGroup(group: ControlGroup, containerName?: string): Identity | null {
  switch (group.kind) {
    case 'flatpak':
      return identity(`flatpak:${group.id}`, group.id.slice(group.id.lastIndexOf('.') + 1));
    case 'snap':
      return identity(`snap:${group.id}`, group.id);
    case 'container':
      return identity(`container:${group.engine}/${group.id}`, `${group.engine} ${containerName ?? group.id}`);
    case 'machine':
      return identity(`machine:${group.id}`, group.id);
    case 'unit':
    case 'none':
      return null;
  }
}

/** A snap's folder has its revision in it: /snap/NAME/REVISION/… */
const snapPath = /^(?:\/var\/lib\/snapd)?\/snap\/([a-z0-9-]+)\/[^/]+\//u;

/** An AppImage is mounted anew at each start: `.mount_`, the first characters of its file's name, six random letters. */
const imageMount = /\/\.mount_([^/]*)[A-Za-z0-9]{6}\//u;

/** An AppImage that was told to unpack itself (`--appimage-extract-and-run`) does so into a folder named by a digest. */
const imageUnpacked = /\/appimage_extracted_[0-9a-f]{32}\//u;

/** A package of Nix or Guix has a digest and a version in its folder: /nix/store/DIGEST-NAME-VERSION/… */
const storePath = /^\/(?:nix|gnu)\/store\/[0-9a-z]{32}-(.+?)(?:-\d[^/]*)?\/(?:.*\/)?([^/]+)$/u;

function inImage(image: string, executable: string, program: string | null): Identity {
  const name = program === null ? baseName(executable) : baseName(program);
  return identity(`appimage:${image}/${name}`, name === 'AppRun' && image !== '' ? image : name);
}

/**
 * Packages that show in the executable's path alone. `program` is the script that the executable interprets, if it is an
 * interpreter: an AppImage may bring its own.
 */
export function packagedByPath(executable: string, program: string | null): Identity | null {
  const snap = snapPath.exec(executable)?.[1];
  if (snap !== undefined) return identity(`snap:${snap}`, snap);
  const image = imageMount.exec(executable)?.[1];
  if (image !== undefined) return inImage(image, executable, program);
  if (imageUnpacked.test(executable)) return inImage('', executable, program);
  return null;
}

/** A program in the store of Nix or Guix, by its package's name: its path is another one after each update. */
export function storedProgram(executable: string): Identity | null {
  const [, store, wrapped] = storePath.exec(executable) ?? [];
  if (store === undefined || wrapped === undefined) return null;
  const name = wrapped.replace(/^\.(.+)-wrapped$/u, '$1');
  return identity(`store:${store}/${name}`, name);
}

/** `Obsidian` for `Obsidian-1.5.3.AppImage`: what a person calls a file that is named by version and processor. */
function withoutVersion(name: string): string {
  const stem = name.replace(/\.appimage$/iu, '');
  return stem === name ? name : stem.replace(/[-_.]?(?:v?\d+(?:\.\d+)+[^-_]*|x86_64|amd64|aarch64|arm64|linux)(?=[-_.]|$)/giu, '') || stem;
}

/** What RPM calls a file that it is about to replace: the name, a semicolon, eight digits. */
const replacedByRpm = /;[0-9a-f]{8}$/u;

/** An executable by its path; also after an update has deleted or replaced the file. */
export function ofPath(executable: string): Identity {
  const path = executable.replace(replacedByRpm, '');
  return identity(path, withoutVersion(baseName(path)));
}
