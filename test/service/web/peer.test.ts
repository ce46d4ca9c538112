import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { userAmong } from '../../../service/web/peer.ts';
import { openWeb } from './stage.ts';

const title = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, uid: number): string => `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 12345 1 0000 20 4 30 10 -1`;
const ends = { localPort: 0x1f90, remotePort: 0xd431 };

describe('the user at the other end of a loopback connection', () => {
  it('is that of the row with the ends exchanged', () => {
    const lines = [title, row('0100007F:1F90', '0100007F:D431', 1), row('0100007F:D431', '0100007F:1F90', 1000)].join('\n');
    assert.equal(userAmong(lines, ends), 1000);
  });

  it('is found where the client speaks IPv6 with a mapped address', () => {
    const mapped = '0000000000000000FFFF00000100007F';
    assert.equal(userAmong([title, row(`${mapped}:D431`, `${mapped}:1F90`, 7)].join('\n'), ends), 7);
  });

  it('is unknown where no row fits, nor does one of another address', () => {
    assert.equal(userAmong([title, row('0200007F:D431', '0100007F:1F90', 1000), row('0100007F:D431', '0100007F:1F91', 1000)].join('\n'), ends), null);
    assert.equal(userAmong('', ends), null);
    assert.equal(userAmong('\0 x y z', ends), null);
  });
});

const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'pending: only root can be another user';

describe('another user with the right token', { skip }, () => {
  const nobody = 65_534;

  /** The status that curl gets for these words, as another user. */
  async function statusAs(uid: number, words: readonly string[]): Promise<string> {
    const curl = spawn('curl', ['--silent', '--output', '/dev/null', '--max-time', '2', '--write-out', '%{http_code}', ...words], { uid, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
    let status = '';
    curl.stdout.setEncoding('utf8').on('data', (text: string) => {
      status += text;
    });
    await once(curl, 'close');
    return status;
  }

  it('is let in neither to the cookie nor to the WebSocket', async () => {
    assert.notEqual(execFileSync('curl', ['--version'], { encoding: 'utf8' }), '');
    await using stage = await openWeb();
    const own = `http://127.0.0.1:${stage.web.port}`;
    const bearer = ['--header', `Authorization: Bearer ${stage.web.token}`, '--header', `Origin: ${own}`];
    const session = ['--request', 'POST', ...bearer, `${own}/session`];
    const upgrade = ['--http1.1', '--header', 'Connection: Upgrade', '--header', 'Upgrade: websocket', '--header', 'Sec-WebSocket-Version: 13',
      '--header', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', ...bearer, `${own}/api`];
    assert.deepEqual([await statusAs(nobody, session), await statusAs(0, session)], ['403', '204']);
    assert.deepEqual([await statusAs(nobody, upgrade), await statusAs(0, upgrade)], ['403', '101']);
  });
});
