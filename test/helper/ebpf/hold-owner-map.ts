/** Opens the owner map, says so, and holds it until it is killed: the victim of `owner-map-end.test.ts`. */
import { openOwnerMap } from '../../../helper/native/ebpf/index.ts';

const map = openOwnerMap();
process.stdout.write(`${map.groups().join(',')}\n`);
setInterval(() => map.counters(), 60_000);
