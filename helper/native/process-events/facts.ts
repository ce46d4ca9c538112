/** What the addons tell of a process, as they read it from /proc or were told by the kernel. Texts are raw: any bytes. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** Clock ticks since boot; from the kernel's event, and so perhaps one too many, where the process was gone too soon. */
  readonly startTicks: number;
  readonly uid: number;
  readonly kernelThread: boolean;
  readonly executable: string | null;
  readonly executableDeleted: boolean;
  readonly arguments: readonly string[];
  readonly controlGroup: string | null;
}
