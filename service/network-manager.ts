import { z } from 'zod';
import type { Network } from '../protocol/app.ts';

/**
 * What NetworkManager says of the connections that are active, read over D-Bus ("NetworkManager D-Bus API Reference";
 * nm-dbus-types). Everything it says is parsed: an SSID is a stranger's text.
 */

export const networkManagerName = 'org.freedesktop.NetworkManager';

/** Reads all properties of an interface of an object. Rejects where there is no such object (any more). */
export type ReadProperties = (path: string, interfaceName: string) => Promise<unknown>;

/** A machine has a few connections; each is asked for by a call of its own. */
const maximumConnections = 64;
const maximumDevices = 16;

const Path = z.string().max(512);

const Manager = z.object({ ActiveConnections: z.array(Path) });

const ActiveConnection = z.object({
  Id: z.string(),
  Type: z.string(),
  Devices: z.array(Path),
  SpecificObject: Path.default('/'),
  /** A VPN that stands on another connection names that one's device, and its own is another. */
  Vpn: z.boolean().default(false),
});

const Device = z.object({
  Interface: z.string().max(64),
  /** The interface that carries IP, where it is another one: a modem's. */
  IpInterface: z.string().max(64).default(''),
  /** NMMetered: unknown, yes, no, and two guesses. */
  Metered: z.number().int().default(0),
});

const AccessPoint = z.object({ Ssid: z.instanceof(Uint8Array) });

const meteredWords: ReadonlyMap<number, boolean> = new Map([
  [1, true],
  [2, false],
  [3, true],
  [4, false],
]);

const wireless = '802-11-wireless';

/** An SSID is up to 32 bytes of anything (IEEE 802.11 9.4.2.2); most are UTF-8. */
function ssidText(bytes: Uint8Array): string | null {
  return bytes.length === 0 ? null : new TextDecoder().decode(bytes).slice(0, 128);
}

async function ssidOf(connection: z.infer<typeof ActiveConnection>, read: ReadProperties): Promise<string | null> {
  if (connection.Type !== wireless || connection.SpecificObject === '/') return null;
  return ssidText(AccessPoint.parse(await read(connection.SpecificObject, `${networkManagerName}.AccessPoint`)).Ssid);
}

/** The networks by the names of their interfaces. Rejects where something changed or failed while it was read. */
export async function readNetworks(read: ReadProperties): Promise<ReadonlyMap<string, Network>> {
  const networks = new Map<string, Network>();
  const { ActiveConnections } = Manager.parse(await read('/org/freedesktop/NetworkManager', networkManagerName));
  for (const path of ActiveConnections.slice(0, maximumConnections)) {
    const connection = ActiveConnection.parse(await read(path, `${networkManagerName}.Connection.Active`));
    const name = connection.Id.slice(0, 256);
    if (connection.Vpn || name === '') continue;
    const ssid = await ssidOf(connection, read);
    for (const devicePath of connection.Devices.slice(0, maximumDevices)) {
      const device = Device.parse(await read(devicePath, `${networkManagerName}.Device`));
      const interfaceName = device.IpInterface === '' ? device.Interface : device.IpInterface;
      networks.set(interfaceName, { name, type: connection.Type.slice(0, 64), ssid, metered: meteredWords.get(device.Metered) ?? null });
    }
  }
  return networks;
}
