import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { Examination } from '../protocol/examination.ts';
import type { Finding } from '../protocol/examination.ts';
import { askWhoAnswers } from './app-client.ts';
import { errorCode } from './error-code.ts';
import { sudoAsksNothing, withCapabilities, withSudo } from './helper-command.ts';
import type { Command } from './helper-command.ts';
import { refuseUntrusted } from './helper-trust.ts';
import { nodeProgram } from './node-program.ts';
import type { ServicePaths } from './paths.ts';
import { ServiceError } from './service-error.ts';

const examinerProgram = fileURLToPath(new URL('../helper/examine.ts', import.meta.url));

/** The examiner tries things and gives up soon; one that takes this long hangs. */
const longestExaminationMs = 30_000;
const longestAnswer = 1_048_576;

function works(subject: string, message: string): Finding {
  return { subject, state: 'works', message, remedy: '' };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The examiner as the helper would run here: with the helper's rights where they can be had without a question. */
async function examinerCommand(): Promise<Command> {
  const plain: Command = { file: nodeProgram(), arguments: [examinerProgram], terminal: 'unused' };
  if (process.getuid?.() === 0) return withCapabilities(plain);
  return (await sudoAsksNothing()) ? withSudo(withCapabilities(plain), 'silently') : plain;
}

async function output(command: Command): Promise<string> {
  const child = spawn(command.file, command.arguments, { stdio: ['ignore', 'pipe', 'ignore'], timeout: longestExaminationMs });
  const exit = once(child, 'close');
  let answer = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) if (answer.length < longestAnswer) answer += String(chunk);
  await exit;
  return answer;
}

async function helperFindings(): Promise<readonly Finding[]> {
  try {
    return Examination.parse(JSON.parse(await output(await examinerCommand()))).findings;
  } catch (error) {
    const remedy = 'run it by hand to see why: node helper/examine.ts; `npm start` builds what is missing';
    return [{ subject: 'helper', state: 'fails', message: `the helper's examination failed: ${text(error)}`.slice(0, 1024), remedy }];
  }
}

function privilegeFinding(): Finding {
  if (process.getuid?.() === 0) return works('starting the helper', 'this is root: the helper starts with a few capabilities only');
  const sudo = ['/usr/bin/sudo', '/bin/sudo', '/usr/local/bin/sudo'].some((file) => existsSync(file));
  if (sudo) return works('starting the helper', 'the helper is started through sudo, which may ask for a password');
  return {
    subject: 'starting the helper',
    state: 'fails',
    message: 'this is not root, and there is no sudo',
    remedy: 'run Tidewatch as root, or have root start the helper: node helper/main.ts --socket PATH --owner UID:GID --detached',
  };
}

function storeFinding(): Finding {
  try {
    const database = new Database(':memory:');
    const version = database.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()?.version ?? '?';
    database.close();
    return works('history engine', `SQLite ${version}`);
  } catch (error) {
    return {
      subject: 'history engine',
      state: 'fails',
      message: `better-sqlite3 does not load: ${text(error)}`.slice(0, 1024),
      remedy: 'install the packages again with Node 22 or newer: npm ci',
    };
  }
}

/** The nearest directory that exists at or above `directory`. */
function existing(directory: string): string {
  return existsSync(directory) ? directory : existing(path.dirname(directory));
}

function historyFinding(historyPath: string): Finding {
  const place = existsSync(historyPath) ? historyPath : existing(path.dirname(historyPath));
  try {
    accessSync(place, constants.R_OK | constants.W_OK);
    return works('history file', historyPath);
  } catch (error) {
    return {
      subject: 'history file',
      state: 'fails',
      message: `${place} cannot be written (${errorCode(error) ?? text(error)})`.slice(0, 1024),
      remedy: 'make it writable, or name another place with TIDEWATCH_HISTORY',
    };
  }
}

async function serviceFinding(socketPath: string): Promise<Finding> {
  const answer = await askWhoAnswers(socketPath);
  switch (answer.kind) {
    case 'service':
      return works('service', `running (pid ${answer.identity.pid}, version ${answer.identity.version})`);
    case 'nobody':
      return works('service', `not running; it would listen on ${socketPath}`);
    case 'stranger':
      return {
        subject: 'service',
        state: 'fails',
        message: `something else listens on ${socketPath}`,
        remedy: 'end it, or name another path with TIDEWATCH_SOCKET',
      };
  }
}

function trustFinding(helperSocketPath: string): Finding {
  try {
    refuseUntrusted(helperSocketPath);
    return works("place of the helper's socket", helperSocketPath);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const remedy = 'unset TIDEWATCH_HELPER_SOCKET, or name a place that only root may write to';
    return { subject: "place of the helper's socket", state: 'fails', message: error.message.slice(0, 1024), remedy };
  }
}

/** What works on this machine and what does not, each with its remedy. Takes up to some seconds; changes nothing. */
export async function examineWith(paths: ServicePaths): Promise<Examination> {
  const findings = [
    ...(await helperFindings()),
    privilegeFinding(),
    trustFinding(paths.helperSocketPath),
    storeFinding(),
    historyFinding(paths.historyPath),
    await serviceFinding(paths.socketPath),
  ];
  return { findings };
}
