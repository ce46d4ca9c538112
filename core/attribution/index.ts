/** The face of core/attribution: which app a process is, and to whom the bytes of an interval are credited. */
export { appOf } from './app.ts';
export type { AppContext } from './app.ts';
export type { App } from './identity.ts';
export type { KnownParent } from './helper-process.ts';
export type {
  AttributedFlow,
  MeasuredInterface,
  MeasuredInterval,
  Placement,
  ResolvedName,
  ResolvedOwner,
} from './attributed-flow.ts';
export { readControlGroup } from './control-group.ts';
export type { ControlGroup } from './control-group.ts';
export { defaultJoiningLimits, Joining } from './joining.ts';
export type { FlowNames, JoiningLimits, JoiningPorts, Tick } from './joining.ts';
export { mergedIntervals } from './merged-interval.ts';
export { keptHttp } from './kept-http.ts';
export type { NotNamed } from './kept-http.ts';
export { isPrivate, keptUsage, pausedInterval, privateInterval } from './private-interval.ts';
export { UsageWindow } from './usage-window.ts';
export { languagesOf, maximumEntryLength, parseDesktopEntry } from './desktop-entry.ts';
export type { DesktopEntry } from './desktop-entry.ts';
export { displayNamesOf } from './desktop-names.ts';
export type { AppEntries, DisplayNames, PlacedEntry } from './desktop-names.ts';
export { nameFileFlows } from './file-flows.ts';
export type { NamedFileFlow } from './file-flows.ts';
