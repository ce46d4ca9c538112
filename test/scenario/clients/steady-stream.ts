/**
 * Sends one UDP datagram of 1000 bytes every 10 ms until it is ended: traffic whose rate is known.
 * node steady-stream.ts HOST PORT
 */
import { createSocket } from 'node:dgram';

const [host = '', port = ''] = process.argv.slice(2);
const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
const datagram = new Uint8Array(1000);
socket.connect(Number(port), host, () => {
  process.stdout.write('sending\n');
  setInterval(() => socket.send(datagram), 10);
});
// Nobody listens there: the peer's ICMP answers are part of the traffic and no reason to end.
socket.on('error', () => undefined);
