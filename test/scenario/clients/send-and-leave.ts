/**
 * Sends BYTES bytes over TCP and ends when the kernel has taken them, a second after it connected at the earliest: long enough for
 * every way of finding owners to have seen it. The kernel delivers the rest after the process is gone.
 * node send-and-leave.ts HOST PORT BYTES
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const [host = '', port = '', bytes = ''] = process.argv.slice(2);
const socket = connect(Number(port), host);
await once(socket, 'connect');
const seen = delay(1200);
await new Promise<void>((resolve) => {
  socket.write(new Uint8Array(Number(bytes)), () => resolve());
});
await seen;
process.stdout.write(`${socket.localPort}\n`, () => process.exit(0));
