import { helperCapabilities } from '../helper-command.ts';

/** For whom the helper works. */
export interface InstalledUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The units that `install` writes, by their path below the system's root. */
export type Units = ReadonlyMap<string, string>;

export const systemUnitFolder = '/etc/systemd/system';
export const userUnitFolder = '/etc/systemd/user';

/** The name of the helper's unit for one user. */
export function helperUnitName({ uid }: Pick<InstalledUser, 'uid'>): string {
  return `tidewatch-helper-${uid}.service`;
}

export const serviceUnitName = 'tidewatch.service';

/** What systemd reads as one word, whatever is in it (systemd.service(5), "Command lines"). */
function word(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}

function helperUnit(program: string, { name, uid, gid }: InstalledUser): string {
  const capabilities = helperCapabilities.map((capability) => `CAP_${capability.name.toUpperCase()}`).join(' ');
  const socket = `/run/tidewatch/helper-${uid}.sock`;
  return `[Unit]
Description=Tidewatch: capture for ${name}
Documentation=file:${program}/docs/SECURITY.md
After=network-pre.target

[Service]
ExecStart=${word(`${program}/node_modules/node/bin/node`)} ${word(`${program}/helper/main.ts`)} --socket ${socket} --owner ${uid}:${gid} --detached
Restart=on-failure
RestartSec=2
CapabilityBoundingSet=${capabilities}
NoNewPrivileges=yes
RuntimeDirectory=tidewatch
RuntimeDirectoryPreserve=yes
UMask=0077
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelModules=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_PACKET AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryMax=512M

[Install]
WantedBy=multi-user.target
`;
}

function serviceUnit(program: string, target: string): string {
  return `[Unit]
Description=Tidewatch: who is using the bandwidth
Documentation=file:${program}/README.md

[Service]
ExecStart=${word(`${program}/bin/tidewatch`)} serve
Restart=on-failure
RestartSec=5
NoNewPrivileges=yes

[Install]
WantedBy=${target}
`;
}

/**
 * The helper's unit, which is the system's, and the service's, which is the user's own (root has none: for root it is the
 * system's, too). `program` is where the program lies, an absolute path.
 */
export function unitsFor(program: string, user: InstalledUser): Units {
  const ofRoot = user.uid === 0;
  const folder = ofRoot ? systemUnitFolder : userUnitFolder;
  return new Map([
    [`${systemUnitFolder}/${helperUnitName(user)}`, helperUnit(program, user)],
    [`${folder}/${serviceUnitName}`, serviceUnit(program, ofRoot ? 'multi-user.target' : 'default.target')],
  ]);
}
