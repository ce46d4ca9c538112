/**
 * What the path of a process's control group tells about its packaging: cgroups(7), and the names that container
 * engines, Flatpak, Snap and systemd give to the groups they make.
 */

/** What a control group stands for. `none` is a login session, a user's own services, or the root. */
export type ControlGroup =
  | { readonly kind: 'flatpak'; readonly id: string }
  | { readonly kind: 'snap'; readonly id: string }
  | { readonly kind: 'container'; readonly engine: string; readonly id: string }
  | { readonly kind: 'machine'; readonly id: string }
  | { readonly kind: 'unit'; readonly id: string }
  | { readonly kind: 'none' };

/** Enough of a container's 64 hexadecimal digits to tell it from others: what engines themselves print. */
const shownContainerDigits = 12;

const none: ControlGroup = { kind: 'none' };

/** systemd writes what a unit name may not hold as \xNN (systemd.unit(5), "String Escaping"). */
function unescapeUnit(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

type Reading = (match: readonly string[]) => ControlGroup;

const containerOf =
  (engine: string): Reading =>
  ([, id = '']) => ({ kind: 'container', engine, id: id.slice(0, shownContainerDigits) });

/** One section of the path against each pattern, in order. `libpod-conmon-` is the monitor outside, not the container. */
const sectionPatterns: readonly (readonly [RegExp, Reading])[] = [
  [/^app-flatpak-([A-Za-z0-9._-]+?)-\d+\.scope$/u, ([, id = '']) => ({ kind: 'flatpak', id })],
  [/^snap\.([a-z0-9-]+)\..+\.(?:scope|service)$/u, ([, id = '']) => ({ kind: 'snap', id })],
  [/^docker-([0-9a-f]{64})\.scope$/u, containerOf('docker')],
  [/^libpod-([0-9a-f]{64})(?:\.scope)?$/u, containerOf('podman')],
  [/^cri-containerd-([0-9a-f]{64})\.scope$/u, containerOf('kubernetes')],
  [/^crio-([0-9a-f]{64})(?:\.scope)?$/u, containerOf('kubernetes')],
  [/^nerdctl-([0-9a-f]{64})\.scope$/u, containerOf('containerd')],
  [/^lxc\.payload\.(.+)$/u, ([, id = '']) => ({ kind: 'container', engine: 'lxc', id })],
  [/^machine-qemu\\x2d\d+\\x2d(.+)\.scope$/u, ([, id = '']) => ({ kind: 'machine', id: unescapeUnit(id) })],
  [/^machine-(.+)\.scope$/u, ([, id = '']) => ({ kind: 'container', engine: 'nspawn', id: unescapeUnit(id) })],
  [/^systemd-nspawn@(.+)\.service$/u, ([, id = '']) => ({ kind: 'container', engine: 'nspawn', id: unescapeUnit(id) })],
];

/** Engines without systemd name the group by the bare identity, below a group of their own. */
const pathPatterns: readonly (readonly [RegExp, Reading])[] = [
  [/\/kubepods(?:\.slice)?\/(?:.*\/)?([0-9a-f]{64})(?:\/|$)/u, containerOf('kubernetes')],
  [/\/docker\/([0-9a-f]{64})(?:\/|$)/u, containerOf('docker')],
  [/\/lxc\/([^/]+)(?:\/|$)/u, ([, id = '']) => ({ kind: 'container', engine: 'lxc', id })],
];

function firstReading(patterns: readonly (readonly [RegExp, Reading])[], text: string): ControlGroup | null {
  for (const [pattern, reading] of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return reading(match);
  }
  return null;
}

/** The unit that a process belongs to: the innermost service that is not a user's whole session manager. */
function unitOf(sections: readonly string[]): ControlGroup {
  const unit = sections.findLast((section) => section.endsWith('.service') && !/^user@\d+\.service$/u.test(section));
  return unit === undefined ? none : { kind: 'unit', id: unescapeUnit(unit) };
}

/**
 * Reads a control group path. The outermost packaging wins: what a container's own init makes inside it is part of the
 * container.
 */
export function readControlGroup(path: string): ControlGroup {
  const sections = path.split('/');
  for (const section of sections) {
    const reading = firstReading(sectionPatterns, section);
    if (reading !== null) return reading;
  }
  return firstReading(pathPatterns, path) ?? unitOf(sections);
}
