/** The face of core/view: what every live face of Tidewatch shows of one interval. */
export { noCoverage } from '../history/coverage.ts';
export { coverageOf } from './coverage.ts';
export { defaultViewLimits } from './limits.ts';
export type { ViewLimits } from './limits.ts';
export { silentSnapshot, snapshotOf } from './snapshot.ts';
export type { Silence } from './snapshot.ts';
