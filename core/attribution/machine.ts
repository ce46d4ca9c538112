import { baseName, identity } from './identity.ts';
import type { Identity } from './identity.ts';

/** Virtual machines by the command line of the program that runs them. Each is an app of its own, with the guest's name. */

/** The value that follows an option: `-name web` as well as `--name=web`. */
function valueOf(commandLine: readonly string[], option: RegExp): string | null {
  const at = commandLine.findIndex((argument) => option.test(argument.split('=', 1)[0] ?? ''));
  if (at < 0) return null;
  const argument = commandLine[at] ?? '';
  const value = argument.startsWith('--') && argument.includes('=') ? argument.slice(argument.indexOf('=') + 1) : commandLine[at + 1];
  return value === undefined || value === '' || value.startsWith('-') ? null : value;
}

/** `-name guest=web,debug-threads=on` and `-name web` (qemu(1)). */
function qemuGuest(commandLine: readonly string[]): string | null {
  const parts = (valueOf(commandLine, /^--?name$/u) ?? '').split(',');
  const named = parts.find((part) => part.startsWith('guest='))?.slice('guest='.length);
  const bare = parts[0]?.includes('=') === true ? undefined : parts[0];
  return named ?? (bare === '' ? null : (bare ?? null));
}

const monitors: readonly (readonly [RegExp, (commandLine: readonly string[]) => string | null])[] = [
  [/^(?:qemu-system-[\w-]+|qemu-kvm|kvm)$/u, qemuGuest],
  [/^VirtualBoxVM$|^VBoxHeadless$/u, (line) => valueOf(line, /^--comment$/u) ?? valueOf(line, /^-?-(?:startvm|s)$/u)],
  [/^vmware-vmx$/u, (line) => line.find((argument) => argument.endsWith('.vmx'))?.replace(/^.*\/|\.vmx$/gu, '') ?? null],
  [/^firecracker$/u, (line) => valueOf(line, /^--id$/u)],
];

/** The guest that a machine monitor runs; null where the executable is none, or the guest has no name. */
export function machineOf(executable: string, commandLine: readonly string[]): Identity | null {
  const name = baseName(executable);
  const guest = monitors.find(([pattern]) => pattern.test(name))?.[1](commandLine) ?? null;
  return guest === null ? null : identity(`machine:${guest}`, guest);
}

/** Whether a program runs virtual machines: what crosses its tap device is the guest's, not a tunnel of its own. */
export function isMachineMonitor(executable: string): boolean {
  const name = baseName(executable);
  return monitors.some(([pattern]) => pattern.test(name));
}
