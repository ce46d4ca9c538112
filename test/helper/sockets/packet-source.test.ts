import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ListedSockets } from '../../../helper/sockets/listed-sockets.ts';
import { PacketSource, parseSendingSockets } from '../../../helper/sockets/packet-source.ts';
import { ProcessTable } from '../../../helper/sockets/process-table.ts';
import { Processes } from '../../../helper/sockets/processes.ts';
import { SocketHolders } from '../../../helper/sockets/socket-holders.ts';

const head = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n';
const sender = '00000000a1b2c3d4 3      3    0000   2     0 0      0      4711\n';
const sniffer = '00000000a1b2c3d5 3      3    0003   2     1 0      0      4712\n';

describe('Packet sockets', () => {
  it('are there to send where they were opened for no protocol', () => {
    assert.deepEqual([...parseSendingSockets(head + sender + sniffer)], [4711]);
  });

  it('are none in an empty table, in its head, and in lines that are no sockets', () => {
    for (const text of ['', head, 'x 1 2 0000\n', 'a b c 0000 e f g h notanumber\n']) assert.equal(parseSendingSockets(text).size, 0);
  });

  it('explain nothing where nobody holds them, and never a TCP connection', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-packet-'));
    try {
      writeFileSync(path.join(folder, 'packet'), head + sniffer);
      const source = new PacketSource(new ListedSockets({ holders: new SocketHolders(new ProcessTable()), processes: new Processes() }), folder);
      const ends = { localAddress: '198.51.100.2', localPort: 40_000, remoteAddress: '198.51.100.11', remotePort: 9, local: 'a', position: 'this-host' } as const;
      const answers = source.find([6, 17].map((protocol) => ({ interfaceIndex: 2, ends: { ...ends, protocol } })), { spent: () => false });
      assert.deepEqual(answers, [null, null]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
