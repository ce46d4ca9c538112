import type { ProcessDescription, ProcessKey } from '../../../protocol/flow.ts';
import { ProcessKey as ProcessKeySchema } from '../../../protocol/flow.ts';
import { noTcpInfo } from '../../../helper/native/index.ts';
import type { SocketRecord } from '../../../helper/native/index.ts';

/** An unconnected IPv4 UDP socket, with what a test is about put over it. */
export function socketRecord(part: Partial<SocketRecord> = {}): SocketRecord {
  return {
    family: 4,
    protocol: 17,
    state: 7,
    localAddress: '0.0.0.0',
    localPort: 40_000,
    remoteAddress: '0.0.0.0',
    remotePort: 0,
    interfaceIndex: 0,
    uid: 0,
    inode: 1,
    ipv6Only: null,
    cookie: '1',
    ...noTcpInfo,
    ...part,
  };
}

export function processKeyOf(pid: number, startTicks: number): ProcessKey {
  return ProcessKeySchema.parse(`${pid}@${startTicks}`);
}

/** A process of some program. */
export function described(pid: number, executable = '/usr/bin/curl', startTicks = pid): ProcessDescription {
  return {
    key: processKeyOf(pid, startTicks),
    pid,
    parentPid: 1,
    uid: 1000,
    executable,
    executableDeleted: false,
    commandLine: [executable],
    controlGroup: '/',
  };
}
