/**
 * A TCP server that reads 64 kB twice a second, so that a sender's last bytes take seconds. Prints a line when it listens
 * and one with the number of bytes when a connection has ended.
 * node slow-reader.ts HOST PORT
 */
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const [host = '', port = ''] = process.argv.slice(2);
const server = createServer((socket) => {
  const readSlowly = async (): Promise<void> => {
    let bytes = 0;
    for await (const piece of socket as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      await delay(500);
    }
    process.stdout.write(`${bytes}\n`);
  };
  void readSlowly();
});
server.listen(Number(port), host, () => process.stdout.write('listening\n'));
