/** Headers of packets as capture files: before a spike, and for `tidewatch record`. */
export { FlowLabels } from './flow-labels.ts';
export { recordingHandlers } from './handlers.ts';
export { recordingsFolderOf } from './folder.ts';
export { Recordings } from './recordings.ts';
export type { HeaderMessage } from './recordings.ts';
