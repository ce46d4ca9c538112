import { readdirSync, readlinkSync } from 'node:fs';
import type { Examination, Finding } from '../protocol/examination.ts';
import type { Capture } from './native/index.ts';
import { loadNative } from './native/index.ts';
import type { NativeAddon } from './native/index.ts';
import { troubleOfOpening } from './capture/capture-troubles.ts';
import { examineEventSources } from './sockets/examine-event-sources.ts';
import { ResolverMonitor, monitorSocket } from './resolver/resolver-monitor.ts';
import type { MonitorState } from './resolver/resolver-monitor.ts';
import { epochMs } from '../protocol/units.ts';

/**
 * Tries what the helper needs and prints one protocol/examination.ts `Examination` as JSON: by trying, never by guessing from
 * versions. Run it with the rights that the helper has, or without any to see what is missing. Exit code 0.
 */

function works(subject: string, message: string): Finding {
  return { subject, state: 'works', message: message.slice(0, 1024), remedy: '' };
}

function finding(subject: string, state: 'limited' | 'fails', message: string, remedy: string): Finding {
  return { subject, state, message: message.replace(/\s+/gu, ' ').slice(0, 1024), remedy };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tryNative(): NativeAddon | Finding {
  try {
    return loadNative();
  } catch (error) {
    return finding('native addon', 'fails', messageOf(error), 'run npm start: it builds what is missing');
  }
}

/** Opens a capture of loopback with a ring of a few pages, and closes it again. */
function examineCapture(native: NativeAddon): Finding {
  const subject = 'capture rights';
  let capture: Capture | null = null;
  try {
    const options = { interface: 'lo', filter: '', promiscuous: false, snapLength: 128, ringBytes: 1_048_576, maximumFlows: 1024, clueQueueBytes: 65_536 };
    capture = native.openCapture(options, { clues: () => undefined, failed: () => undefined });
    return works(subject, 'packets can be captured');
  } catch (error) {
    const { message, remedy } = troubleOfOpening('lo', error);
    return finding(subject, 'fails', message, remedy);
  } finally {
    capture?.close();
  }
}

function examineDiag(native: NativeAddon): Finding {
  const subject = 'owner source: INET_DIAG';
  try {
    const sockets = [6, 17].flatMap((protocol) => [...native.dumpSockets(protocol, 4), ...native.dumpSockets(protocol, 6)]);
    return works(subject, `the kernel lists its sockets (${sockets.length} now)`);
  } catch (error) {
    return finding(subject, 'fails', messageOf(error), 'load the kernel modules inet_diag, tcp_diag and udp_diag');
  }
}

/** Whether the descriptors of this process can be read; a thread of the kernel has none, and none is needed. */
function isReadable(pid: string): boolean {
  try {
    const [first] = readdirSync(`/proc/${pid}/fd`);
    if (first !== undefined) readlinkSync(`/proc/${pid}/fd/${first}`);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return code !== 'EACCES' && code !== 'EPERM';
  }
}

function examineProc(): Finding {
  const subject = 'owner source: /proc';
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  const closed = pids.filter((pid) => !isReadable(pid)).length;
  if (closed === 0) return works(subject, `the open sockets of all ${pids.length} processes can be read`);
  const message = `the open sockets of ${closed} of ${pids.length} processes cannot be read: their traffic would have no owner`;
  return finding(subject, 'limited', message, 'give the helper the capabilities CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, or start it as root');
}

/** How long the resolver may take to accept the subscription, in milliseconds; one that says nothing until asked accepts it too. */
const resolverPatienceMs = 1000;

/** Subscribes to the system resolver's answers, and ends that again. */
async function askResolver(): Promise<MonitorState> {
  const over = Promise.withResolvers<undefined>();
  using monitor = new ResolverMonitor({
    path: monitorSocket,
    now: () => epochMs(Date.now()),
    seen: () => undefined,
    after: () => {
      over.resolve(undefined);
      return () => undefined;
    },
  });
  const patience = setTimeout(() => over.resolve(undefined), resolverPatienceMs);
  await over.promise;
  clearTimeout(patience);
  return monitor.state;
}

async function examineResolver(): Promise<Finding> {
  const subject = 'name source: system resolver';
  switch (await askResolver()) {
    case 'listening':
    case 'connecting':
      return works(subject, 'systemd-resolved tells which names it answered');
    case 'absent':
      return finding(subject, 'limited', 'systemd-resolved does not run here: names come from DNS packets, so not from DNS over TLS or HTTPS', 'nothing need be done; where DNS is encrypted, use systemd-resolved (252 or newer)');
    case 'refused':
      return finding(subject, 'limited', 'systemd-resolved does not let this process hear its answers', 'give the helper the capability CAP_DAC_OVERRIDE, or start it as root');
  }
}

async function examine(): Promise<Examination> {
  const native = tryNative();
  if ('subject' in native) return { findings: [native, examineProc(), await examineResolver()] };
  const addon = works('native addon', 'it loads');
  return { findings: [addon, works('libpcap', native.libpcapVersion()), examineCapture(native), examineDiag(native), examineProc(), ...examineEventSources(), await examineResolver()] };
}

process.stdout.write(`${JSON.stringify(await examine())}\n`);
