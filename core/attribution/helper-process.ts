import type { ProcessDescription } from '../../protocol/flow.ts';
import { baseName, folderOf } from './identity.ts';
import type { App } from './identity.ts';
import { interpretedBy } from './script.ts';

/**
 * Programs that are a part of a larger app: a browser's network process, git's transport, a worker of a script. They belong
 * to the app of the process that started them. The rules are narrow, because a program that another one started (curl by a
 * script, a server by an editor) is as a rule an app of its own.
 */

/** The process that started another one, with the app it is part of itself. */
export interface KnownParent {
  readonly app: App;
  readonly pid: number;
  readonly executable: string | null;
}

/** Programs that only ever work for the one that started them, by the base name of their executable. */
const servants: readonly RegExp[] = [
  /^WebKit(?:Network|Web|GPU|Plugin)Process\d*$/u,
  /^QtWebEngineProcess$/u,
  /^(?:plugin-container|crashhelper|pingsender|minidump-analyzer|glxtest|vaapitest)$/u,
  /^(?:chrome_)?crashpad_handler$/u,
  /^(?:steamwebhelper|nacl_helper|cefsubprocess|jcef_helper)$/u,
  /^(?:bwrap|xdg-dbus-proxy)$/u,
];

/** Folders whose programs are the inner parts of one command. */
const servantFolders = /\/(?:git-core|apt\/methods)$/u;

/** Chromium, and what is built on it, tells each of its processes what it is; some write that over their arguments as one text. */
const chromiumPart = /(?:^|\s)--type=[a-z]/u;

/**
 * Places in which packages keep the parts of one app together. A person's own folders are not among them: what lies side
 * by side there may be anything.
 */
const packagePlace = /^\/(?:opt|usr\/(?:local\/)?(?:lib(?:32|64|exec)?|share)|snap|app)\/[^/]+/u;
const sharedPlace = /\/(?:s?bin|games|[\w]+-linux-gnu[\w]*|jvm.*|git-core)$/u;

function inFolderOf(executable: string, parentExecutable: string): boolean {
  const folder = folderOf(parentExecutable);
  return packagePlace.test(`${folder}/`) && !sharedPlace.test(folder) && executable.startsWith(`${folder}/`);
}

/** Who starts everything starts nothing for itself. */
function isStarter({ pid, executable }: KnownParent): boolean {
  return pid === 1 || executable === null || /^(?:systemd|init|launchd)$/u.test(baseName(executable));
}

function isSameProgram(executable: string, parent: KnownParent): boolean {
  return executable === parent.executable || executable === '/proc/self/exe';
}

/** Whether a process is a part of the app of its parent rather than an app of its own. */
export function isPartOf(process: ProcessDescription, parent: KnownParent): boolean {
  const { executable, commandLine } = process;
  if (executable === null || parent.executable === null || isStarter(parent)) return false;
  const name = baseName(executable);
  if (servants.some((pattern) => pattern.test(name)) || servantFolders.test(folderOf(executable))) return true;
  const interpreted = interpretedBy(process);
  if (isSameProgram(executable, parent)) {
    const isWorker = interpreted !== null && interpreted.program === null && parent.app.app.startsWith('script:');
    return isWorker || commandLine.some((argument) => chromiumPart.test(argument));
  }
  return interpreted === null && inFolderOf(executable, parent.executable);
}
