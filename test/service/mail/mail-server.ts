import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';

export interface MailServerOptions {
  readonly encryption: 'none' | 'starttls' | 'tls';
  /** Of any user; absent: nobody has to log in. */
  readonly password?: string;
  /** A recipient whom it does not know. */
  readonly refuse?: string;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | null;
  readonly secure: boolean;
  readonly raw: string;
}

/** A real server of mail on loopback, with a certificate of its own making. */
export class MailServer implements AsyncDisposable {
  readonly mails: ReceivedMail[] = [];
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-mail-'));
  readonly #server: SMTPServer;
  /** Whoever is asked to, it refuses. */
  isClosed = false;

  private constructor({ encryption, password, refuse }: MailServerOptions) {
    const keys = { key: path.join(this.#folder, 'key.pem'), cert: this.caFile };
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', keys.key, '-out', keys.cert], { stdio: 'ignore' });
    this.#server = new SMTPServer({
      secure: encryption === 'tls',
      key: readFileSync(keys.key),
      cert: readFileSync(keys.cert),
      authOptional: password === undefined,
      disabledCommands: encryption === 'none' ? ['STARTTLS'] : [],
      logger: false,
      onAuth: (auth, _session, done) => (auth.password === password ? done(null, { user: auth.username }) : done(new Error('no such password'))),
      onRcptTo: (address, _session, done) => (address.address === refuse ? done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })) : done()),
      onMailFrom: (_address, _session, done) => (this.isClosed ? done(Object.assign(new Error('come back later'), { responseCode: 451 })) : done()),
      onData: (stream, session, done) => {
        let raw = '';
        stream.setEncoding('utf8').on('data', (text: string) => (raw += text));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), user: session.user ?? null, secure: session.secure, raw });
          done();
        });
      },
    });
    this.#server.on('error', () => undefined);
  }

  static async start(options: MailServerOptions): Promise<MailServer> {
    const server = new MailServer(options);
    const listening = server.#server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    return server;
  }

  get caFile(): string {
    return path.join(this.#folder, 'cert.pem');
  }

  get port(): number {
    const bound = this.#server.server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.#folder, { recursive: true });
  }
}
