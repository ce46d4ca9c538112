import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { until } from './until.ts';
import type { Network } from './namespace.ts';
import { peerAddresses } from './namespace.ts';

/** Sizes in bytes of the files the server offers, by their path. */
export const servedFiles = { '/small': 20_000, '/large': 6_000_000 } as const;

/** Each transfer lasts a second or two at this rate (nginx `limit_rate`, bytes a second), as real ones do. */
const bytesPerSecond = '3m';

export interface WebServer {
  /** File of the certificate that clients are to trust. */
  readonly certificatePath: string;
}

/** A self-signed certificate for these names, and its key, as files in `folder`. */
export function makeCertificate(folder: string, names: readonly string[]): { certificatePath: string; keyPath: string } {
  const certificatePath = `${folder}/certificate.pem`;
  const keyPath = `${folder}/key.pem`;
  const { status, stderr } = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=Tidewatch scenario', '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
    '-keyout', keyPath, '-out', certificatePath,
  ], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  return { certificatePath, keyPath };
}

function configuration(folder: string, certificatePath: string, keyPath: string): string {
  const addresses = Object.values(peerAddresses).map((address) => (address.includes(':') ? `[${address}]` : address));
  const listen = addresses.flatMap((address) => [`listen ${address}:80;`, `listen ${address}:443 ssl;`]).join(' ');
  return `
    user root; worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log stderr notice;
    events { worker_connections 256; }
    http {
      access_log off; sendfile on; keepalive_timeout 5s;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ssl_certificate ${certificatePath}; ssl_certificate_key ${keyPath};
      server {
        ${listen}
        root ${folder}/files; limit_rate ${bytesPerSecond}; default_type application/octet-stream;
        # A body that goes on to another server is read to its end.
        location /upload { client_max_body_size 0; proxy_pass http://unix:${folder}/sink.sock; }
      }
      server { listen unix:${folder}/sink.sock; client_max_body_size 0; return 204; }
    }`;
}

/** Starts nginx in the peer, with HTTP and HTTPS for `names` on all of its addresses, and waits until it answers. */
export async function startNginx(network: Network, names: readonly string[]): Promise<WebServer> {
  const folder = `${network.folder}/nginx`;
  mkdirSync(`${folder}/files`, { recursive: true });
  for (const [path, size] of Object.entries(servedFiles)) {
    const file = openSync(`${folder}/files${path}`, 'w');
    ftruncateSync(file, size);
    closeSync(file);
  }
  const { certificatePath, keyPath } = makeCertificate(folder, names);
  writeFileSync(`${folder}/nginx.conf`, configuration(folder, certificatePath, keyPath));
  const server = network.peer.start('nginx', ['-e', 'stderr', '-p', folder, '-c', `${folder}/nginx.conf`]);
  await until('nginx to answer', 10_000, async () => {
    if (!server.running) throw new Error(`nginx ended: ${server.stderr}`);
    // The peer's own address is reached over its loopback: the link and its counters see nothing of this.
    const { code } = await network.peer.run('curl', ['--silent', '--insecure', '--output', '/dev/null', `https://[${peerAddresses.orgSix}]/small`]);
    return code === 0;
  });
  return { certificatePath };
}
