import { X509Certificate, createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { peerAddresses } from './namespace.ts';
import type { Network } from './namespace.ts';
import { makeCertificate } from './nginx.ts';
import { until } from './until.ts';

/**
 * Three sites that share one address, as sites behind one content network do: the address tells nothing of which is which.
 * Each has a port of its own, so that the independent counters can tell them apart without any name.
 */

export const sites = [
  { key: 'shop', name: 'shop.example.com', port: 443 },
  { key: 'news', name: 'news.example.net', port: 8443 },
  { key: 'mail', name: 'mail.example.org', port: 9443 },
] as const;
export type SiteKey = (typeof sites)[number]['key'];

export const sharedAddress = peerAddresses.com;

/** Each site's picture has another size, so that no mixing up goes unseen. */
const pictureRows: Readonly<Record<SiteKey, number>> = { shop: 700, news: 500, mail: 300 };
const pictureWidth = 1000;

/** A picture without compression (BMP, 24 bits a pixel), all black: a browser reads it to its end before a page is loaded. */
function picture(rows: number): Buffer {
  const file = Buffer.alloc(54 + pictureWidth * 3 * rows);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeUInt32LE(pictureWidth, 18);
  file.writeUInt32LE(rows, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return file;
}

export interface SharedSites {
  /** The page that shows the pictures of all three sites. */
  readonly url: string;
  /** A page of a few words, on the first site. */
  readonly smallUrl: string;
  readonly certificatePath: string;
  /** SHA-256 of the certificate's public key in base64, by which Chromium can be told to trust it. */
  readonly keyHash: string;
}

interface Prepared extends SharedSites {
  readonly folder: string;
  readonly keyPath: string;
}

function prepare(network: Network): Prepared {
  const folder = `${network.folder}/shared-sites`;
  mkdirSync(`${folder}/files`, { recursive: true });
  for (const { key } of sites) writeFileSync(`${folder}/files/${key}.bmp`, picture(pictureRows[key]));
  const pictures = sites.map(({ key, name, port }) => `<img src="https://${name}:${port}/${key}.bmp">`);
  writeFileSync(`${folder}/files/index.html`, `<!doctype html><title>shared</title><link rel="icon" href="data:,">${pictures.join('')}`);
  writeFileSync(`${folder}/files/small.html`, '<!doctype html><title>small</title><link rel="icon" href="data:,"><p>mail.bmp is on the other page.');
  const made = makeCertificate(folder, sites.map(({ name }) => name));
  const key = new X509Certificate(readFileSync(made.certificatePath)).publicKey.export({ type: 'spki', format: 'der' });
  const keyHash = createHash('sha256').update(key).digest('base64');
  return { ...made, folder, keyHash, url: `https://${sites[0].name}/index.html`, smallUrl: `https://${sites[0].name}/small.html` };
}

/** Waits until every port answers. Over the peer's own loopback: the link and its counters see nothing of it. */
async function answering(network: Network, running: () => void): Promise<void> {
  for (const { name, port } of sites) {
    await until(`the server of ${name} to answer`, 10_000, async () => {
      running();
      const where = ['--resolve', `${name}:${port}:${sharedAddress}`];
      const { code } = await network.peer.run('curl', ['--silent', '--insecure', '--head', ...where, `https://${name}:${port}/`]);
      return code === 0;
    });
  }
}

/** The three sites over TCP, served by nginx. */
export async function startSitesOverTls(network: Network): Promise<SharedSites> {
  const { folder, keyPath, ...shared } = prepare(network);
  const servers = sites.map(({ name, port }) => `server { listen ${sharedAddress}:${port} ssl; server_name ${name}; root ${folder}/files; }`);
  writeFileSync(`${folder}/nginx.conf`, `
    user root; worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log stderr notice;
    events { worker_connections 256; }
    http {
      access_log off; types { text/html html; image/bmp bmp; }
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ssl_certificate ${shared.certificatePath}; ssl_certificate_key ${keyPath};
      ${servers.join('\n')}
    }`);
  const server = network.peer.start('nginx', ['-e', 'stderr', '-p', folder, '-c', `${folder}/nginx.conf`]);
  await answering(network, () => {
    if (!server.running) throw new Error(`nginx ended: ${server.stderr}`);
  });
  return shared;
}

/** The three sites over HTTP/3 (and TCP), served by Caddy, whose QUIC is quic-go. */
export async function startSitesOverQuic(network: Network): Promise<SharedSites> {
  const { folder, keyPath, ...shared } = prepare(network);
  const servers = sites.map(({ name, port }) => `https://${name}:${port} {
    bind ${sharedAddress}
    tls ${shared.certificatePath} ${keyPath}
    root * ${folder}/files
    header *.bmp Content-Type image/bmp
    file_server
  }`);
  writeFileSync(`${folder}/Caddyfile`, `{\n admin off\n auto_https disable_redirects\n}\n${servers.join('\n')}\n`);
  const server = network.peer.start('caddy', ['run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile'], {
    environment: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  await answering(network, () => {
    if (!server.running) throw new Error(`caddy ended: ${server.stderr}`);
  });
  return shared;
}
