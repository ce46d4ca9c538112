/** Prints what the helper sees of the interfaces of the namespace this runs in, each time a line comes in. */
import { createInterface } from 'node:readline';
import { Interfaces } from '../../../helper/capture/interfaces.ts';
import { readLocalAddresses } from '../../../helper/capture/local-addresses.ts';

const interfaces = new Interfaces();
createInterface({ input: process.stdin }).on('line', () => {
  process.stdout.write(`${JSON.stringify(interfaces.refresh(readLocalAddresses()))}\n`);
});
