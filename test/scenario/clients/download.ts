/**
 * A client that is a script under an interpreter: fetches the given HTTPS addresses at once and reads them to the end.
 * node download.ts CERTIFICATE LOCAL_ADDRESS URL...
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import type { IncomingMessage } from 'node:http';

const [certificatePath = '', localAddress = '', ...urls] = process.argv.slice(2);
const ca = readFileSync(certificatePath);

async function download(url: string): Promise<number> {
  const request = get(url, { ca, localAddress, family: 4, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Uint8Array>) bytes += piece.length;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  return bytes;
}

const sizes = await Promise.all(urls.map(download));
process.stdout.write(`${sizes.reduce((sum, size) => sum + size, 0)}\n`);
