/** How many rows of each kind a snapshot has; what comes after them is folded into a row that says so. */
export interface ViewLimits {
  readonly apps: number;
  readonly domains: number;
  readonly connections: number;
  readonly httpHosts: number;
  /** Process numbers in one row of an app. */
  readonly pids: number;
}

/** A snapshot of full size is about half a megabyte a second for each client, and parses within ten milliseconds. */
export const defaultViewLimits: ViewLimits = { apps: 500, domains: 1000, connections: 1000, httpHosts: 100, pids: 1024 };
