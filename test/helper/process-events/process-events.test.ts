import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ProcessEventsError, openEndedSockets, openProcessEvents } from '../../../helper/native/process-events/index.ts';
import type { EndedSocket, ProcessEvents } from '../../../helper/native/process-events/index.ts';
import { until } from '../../scenario/harness/until.ts';

function whyPending(open: () => { close(): void } = openProcessEvents): string | null {
  try {
    open().close();
    return null;
  } catch (error) {
    if (error instanceof ProcessEventsError) return `pending: the kernel does not tell of processes here: ${error.message}`;
    throw error;
  }
}

/** Milliseconds since boot, as /proc/uptime counts them (to 10 ms). */
function sinceBoot(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
}

/** Field 22 of stat: when the process started, in clock ticks. */
function startTicks(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

describe('Process events', { skip: whyPending() ?? false }, () => {
  let events: ProcessEvents;

  before(() => {
    events = openProcessEvents();
  });
  after(() => events.close());

  it('describe a process that is gone, as it was while it lived', async () => {
    // The shell prints its own entry of /proc, then is gone before anybody looks.
    const { stdout, pid } = spawnSync('/bin/sh', ['-c', 'read line < /proc/self/stat; echo "$line"; sleep 0.03'], { encoding: 'utf8' });
    const start = startTicks(stdout);
    const facts = await until('its description', 2000, () => events.describe(pid, start * 10 + 10));
    assert.equal(facts.startTicks, start);
    assert.equal(facts.parentPid, process.pid);
    assert.ok(facts.executable?.startsWith('/'));
    assert.deepEqual(facts.arguments.slice(0, 2), ['/bin/sh', '-c']);
    assert.equal(facts.uid, process.getuid?.());
  });

  it('give a child that never called exec the program of its parent', async () => {
    const { stdout } = spawnSync('/bin/sh', ['-c', '(read line < /proc/self/stat; echo "$line"); :'], { encoding: 'utf8' });
    const child = Number(stdout.split(' ')[0]);
    const facts = await until('its description', 2000, () => events.describe(child, startTicks(stdout) * 10));
    const shell = spawnSync('readlink', ['-f', '/bin/sh'], { encoding: 'utf8' }).stdout.trim();
    assert.equal(facts.executable, shell);
  });

  it('know nobody under a pid before its process began', () => {
    const { pid } = spawnSync('/bin/true');
    assert.equal(events.describe(pid, 1), null);
  });

  it('describe living processes that are older than the listener', () => {
    const facts = events.describe(process.pid, sinceBoot());
    assert.equal(facts?.executable, process.execPath);
    assert.equal(facts.parentPid, process.ppid);
  });

  it('count what they heard', () => {
    const counters = events.counters();
    assert.ok(counters.events > 0);
    assert.ok(counters.processes > 0);
    assert.equal(counters.processesRefused, 0);
  });
});

describe('The last word on a socket', { skip: whyPending(openEndedSockets) ?? false }, () => {
  it('is told of a TCP connection, with its ends, its round-trip time and its congestion window', async () => {
    const sockets = openEndedSockets();
    const server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const client = connect(address.port, '127.0.0.1');
    await once(client, 'connect');
    const localPort = client.localPort;
    client.end('data');
    server.close();
    await once(server, 'close');
    const seen: EndedSocket[] = [];
    const ended = await until('the connection to end', 5000, () => {
      seen.push(...sockets.take());
      return seen.find((socket) => socket.protocol === 6 && socket.localPort === localPort && socket.remotePort === address.port);
    });
    assert.equal(ended.localAddress, '127.0.0.1');
    assert.ok(ended.roundTripMicroseconds > 0);
    assert.ok(ended.congestionWindow > 0);
    assert.equal(ended.retransmits, 0);
    assert.equal(sockets.lost(), 0);
    sockets.close();
    assert.throws(() => sockets.take(), /closed/u);
  });
});

describe('Where there are no process events', () => {
  it('that is an error with a code', () => {
    assert.throws(
      () => openProcessEvents('/nonexistent/process-events.node'),
      (error: unknown) => error instanceof ProcessEventsError && error.code === 'addon-missing',
    );
  });
});
