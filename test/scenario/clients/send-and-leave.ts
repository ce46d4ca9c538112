/**
 * Sends BYTES bytes over TCP and ends as soon as the kernel has taken them: the kernel delivers them after the process is gone.
 * node send-and-leave.ts HOST PORT BYTES
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const [host = '', port = '', bytes = ''] = process.argv.slice(2);
const socket = connect(Number(port), host);
await once(socket, 'connect');
await new Promise<void>((resolve) => {
  socket.write(new Uint8Array(Number(bytes)), () => resolve());
});
process.stdout.write(`${socket.localPort}\n`, () => process.exit(0));
