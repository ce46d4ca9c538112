import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { shown } from './process-description.ts';

/** Longest file of an engine's that is read, in bytes: a machine with a thousand containers stays below it. */
const maximumBytes = 4 * 2 ** 20;

/** Longest name that is told, in characters (ProcessDescription.containerName). */
const maximumName = 128;

/** Containers whose name is remembered, most; the one met first makes room. */
const maximumKept = 1024;

/** How long a name, or that there is none, is believed, in milliseconds: a container may be renamed. */
const believedMs = 60_000;

/** Where engines keep their containers: Docker's own folder and that of its snap, Podman's. */
const dockerFolders = ['/var/lib/docker', '/var/snap/docker/common/var-lib-docker'] as const;
const podmanFolder = '/var/lib/containers/storage';
/** Below a user's home: the same without root. */
const ownDockerFolder = '.local/share/docker';
const ownPodmanFolder = '.local/share/containers/storage';

/**
 * A file that somebody without rights may have made: it is opened only if it is a regular file (a FIFO would never be read to
 * its end) and no link, and read only up to its bound. Null where that cannot be.
 */
function readBounded(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = fstatSync(file);
    if (!found.isFile() || found.size > maximumBytes) return null;
    const buffer = Buffer.alloc(found.size);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, field)?.value : undefined;
}

/** A name as it may be shown; null where it is none. */
function nameFrom(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? shown(value, maximumName) : null;
}

/** Docker's `config.v2.json` of one container: `{"Name": "/web", …}`. */
export function nameInDocker(text: string | null): string | null {
  const name = fieldOf(parsed(text), 'Name');
  return typeof name === 'string' ? nameFrom(name.replace(/^\//u, '')) : null;
}

/** Podman's `containers.json`, of all its containers: `[{"id": …, "names": ["web"], …}, …]`. */
export function nameInPodman(text: string | null, id: string): string | null {
  const containers: unknown = parsed(text);
  if (!Array.isArray(containers)) return null;
  const names = fieldOf(containers.find((one: unknown) => fieldOf(one, 'id') === id), 'names');
  return Array.isArray(names) ? nameFrom(names[0]) : null;
}

/** The home of a user by its number, from passwd(5). */
function homeOf(uid: string, passwd: string | null): string | null {
  const line = (passwd ?? '').split('\n').find((text) => text.split(':')[2] === uid);
  const home = line?.split(':')[5] ?? '';
  return home.startsWith('/') ? home : null;
}

/**
 * The names that people gave to their containers. The engines know them only in files of their own, which are read here; no
 * engine is asked. Kubernetes and containerd keep theirs in databases: those containers are known by their number.
 */
export class ContainerNames {
  readonly #root: string;
  readonly #monotonic: () => number;
  readonly #known = new Map<string, { readonly name: string | null; readonly at: number }>();

  /** `root`: where the file system begins, for tests. */
  constructor(parts: { readonly monotonic: () => number; readonly root?: string }) {
    this.#root = parts.root ?? '';
    this.#monotonic = parts.monotonic;
  }

  /** The name of the container that a control group is of, or is in; null where it is of none, or nobody named it. */
  nameOf(controlGroup: string | null): string | null {
    const id = /(?:^|[^0-9a-f])(?<id>[0-9a-f]{64})(?![0-9a-f])/u.exec(controlGroup ?? '')?.groups?.['id'];
    if (controlGroup === null || id === undefined) return null;
    const now = this.#monotonic();
    const known = this.#known.get(id);
    if (known !== undefined && now - known.at < believedMs) return known.name;
    const name = this.#find(id, controlGroup);
    if (this.#known.size >= maximumKept) this.#dropOldest();
    this.#known.delete(id);
    this.#known.set(id, { name, at: now });
    return name;
  }

  #find(id: string, controlGroup: string): string | null {
    const uid = /\/user-(?<uid>\d{1,10})\.slice\//u.exec(controlGroup)?.groups?.['uid'];
    const home = uid === undefined ? null : homeOf(uid, readBounded(`${this.#root}/etc/passwd`));
    const within = (folder: string): readonly string[] => (home === null ? [] : [`${home}/${folder}`]);
    for (const folder of [...within(ownDockerFolder), ...dockerFolders]) {
      const name = nameInDocker(readBounded(`${this.#root}${folder}/containers/${id}/config.v2.json`));
      if (name !== null) return name;
    }
    for (const folder of [...within(ownPodmanFolder), podmanFolder]) {
      const name = nameInPodman(readBounded(`${this.#root}${folder}/overlay-containers/containers.json`), id);
      if (name !== null) return name;
    }
    return null;
  }

  #dropOldest(): void {
    for (const id of this.#known.keys()) {
      this.#known.delete(id);
      return;
    }
  }
}
