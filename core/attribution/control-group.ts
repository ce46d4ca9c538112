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

/** A container that its maker named: systemd escapes the name, others write it as it is. */
const namedContainerOf =
  (engine: string): Reading =>
  ([, id = '']) => ({ kind: 'container', engine, id: unescapeUnit(id) });

const machine: Reading = ([, id = '']) => ({ kind: 'machine', id: unescapeUnit(id) });

/**
 * One section of the path against each pattern, in order. The monitors that engines run beside a container
 * (`libpod-conmon-`, `crio-conmon-`, `lxc.monitor.`) are outside of it and match none.
 */
const sectionPatterns: readonly (readonly [RegExp, Reading])[] = [
  [/^(?:app-)?flatpak-([A-Za-z0-9._-]+?)-\d+\.scope$/u, ([, id = '']) => ({ kind: 'flatpak', id: unescapeUnit(id) })],
  [/^snap\.([a-z0-9-]+)\..+\.(?:scope|service)$/u, ([, id = '']) => ({ kind: 'snap', id })],
  [/^docker-([0-9a-f]{64})\.scope$/u, containerOf('docker')],
  [/^libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?$/u, containerOf('podman')],
  [/^(?:.+:)?cri-containerd[-:]([0-9a-f]{64})(?:\.scope)?$/u, containerOf('kubernetes')],
  [/^crio-([0-9a-f]{64})(?:\.scope)?$/u, containerOf('kubernetes')],
  [/^nerdctl-([0-9a-f]{64})\.scope$/u, containerOf('containerd')],
  [/^lxc\.payload\.(.+)$/u, namedContainerOf('lxc')],
  [/^machine-qemu\\x2d\d+\\x2d(.+)\.scope$/u, machine],
  [/^qemu-\d+-(.+)\.libvirt-qemu$/u, machine],
  [/^machine-lxc\\x2d\d+\\x2d(.+)\.scope$/u, namedContainerOf('lxc')],
  [/^lxc-\d+-(.+)\.libvirt-lxc$/u, namedContainerOf('lxc')],
  [/^machine-(.+)\.scope$/u, namedContainerOf('nspawn')],
  [/^systemd-nspawn@(.+)\.service$/u, namedContainerOf('nspawn')],
];

/** A pod's container is Kubernetes', whichever engine runs it. */
const podPattern: readonly [RegExp, Reading] = [
  /\/(?:kubelet[.\w-]*[/-])?kubepods(?:[.-][^/]*)?\/(?:.*\/)?(?:[a-z][a-z-]*-)?([0-9a-f]{64})(?:\.scope)?$/u,
  containerOf('kubernetes'),
];

/** Engines without systemd name the group by the bare identity, below a group of their own. */
const pathPatterns: readonly (readonly [RegExp, Reading])[] = [
  [/\/docker\/(?:buildkit\/)?([0-9a-f]{64}|[0-9a-z]{25})$/u, containerOf('docker')],
  [/\/ecs\/(?:[^/]+\/)+([0-9a-f]{64}|[0-9a-f]{32}-\d+)$/u, containerOf('ecs')],
  [/\/lxc(?:\.payload)?\/([^/]+)$/u, namedContainerOf('lxc')],
  [/\/qemu\.slice\/([^/]+)\.scope$/u, machine],
  [/^\/[a-z][\w.-]*\/([0-9a-f]{64})$/u, containerOf('containerd')],
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

/** Sections of a path that are looked at: engines nest some ten deep, a hostile process as deep as it likes. */
const maximumSections = 64;

/**
 * Reads a control group path. The outermost packaging wins: what a container's own init makes inside it is part of the
 * container. (So a node of `kind`, which is a Docker container that runs pods, is that one container.)
 */
export function readControlGroup(path: string): ControlGroup {
  const sections = path.split('/', maximumSections);
  let upToHere = '';
  for (const section of sections.slice(1)) {
    upToHere += `/${section}`;
    const reading =
      firstReading([podPattern], upToHere) ?? firstReading(sectionPatterns, section) ?? firstReading(pathPatterns, upToHere);
    if (reading !== null) return reading;
  }
  return unitOf(sections);
}
