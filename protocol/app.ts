import { z } from 'zod';
import { Alert, AlertAct, AlertChannel, AlertQuiet, AlertsQuery, AlertsResult, ChannelTested, Mute, Snooze } from './alert.ts';
import { Trouble } from './helper.ts';
import { Icon, IconQuery } from './icon.ts';
import { PlansResult } from './plan.ts';
import { ForgetPreview, Forgettable, Forgotten, PrivacyMode, Spell } from './privacy.ts';
import { RecordedPiece, RecordingId } from './recording.ts';
import { Report, ReportRequest } from './report.ts';
import { ReportPreview, ReportPreviewQuery, ReportSent, ReportWanted, ReportsState } from './scheduled-report.ts';
import { SettingChange, SettingChanged, SettingsResult } from './setting.ts';
import { Snapshot } from './snapshot.ts';
import { Count, EpochMs } from './units.ts';
import {
  AppsQuery,
  AppsResult,
  ComparedResult,
  HistoryFacts,
  HoursResult,
  HttpQuery,
  HttpResult,
  QualityQuery,
  QualityResult,
  Receipt,
  ReceiptQuery,
  RhythmResult,
  Seen,
  SeenQuery,
  StepsQuery,
  StepsResult,
  TopQuery,
  TopResult,
  UsageQuery,
} from './usage-query.ts';

export * from './alert.ts';
export * from './icon.ts';
export * from './plan.ts';
export * from './privacy.ts';
export * from './recording.ts';
export * from './report.ts';
export * from './scheduled-report.ts';
export * from './setting.ts';
export * from './snapshot.ts';
export * from './usage-filter.ts';
export * from './usage-query.ts';

/**
 * The app API: what every face of Tidewatch (command line, tray, window, web page) may ask of the service.
 * `appContract` is the contract itself. The server, the clients over every transport and the test double are derived
 * from it: what is to be added is added here, and its handler where the service is put together.
 */

export const appProtocolVersion = 1;

/** What a connection may do, decided once when it is made: `control` may all that `read` may. */
export const Rights = z.enum(['read', 'control']);
export type Rights = z.infer<typeof Rights>;

/** Who answers: shown by `doctor`, and compared by a client before it trusts the rest. */
export const ServiceIdentity = z.object({
  protocol: z.number().int(),
  version: z.string().max(64),
  pid: z.number().int().min(1),
  startedAt: EpochMs,
  historyPath: z.string().max(4096),
});
export type ServiceIdentity = z.infer<typeof ServiceIdentity>;

/** Most alerts that are kept for a client that does not read: more than the rate limit lets through in a day. */
export const maximumHeldAlerts = 64;

/**
 * What the subscription sends. A `snapshot` is the whole picture, at most two a second: the first event is one, where
 * there is one yet. A `notice` comes at once, with what has changed as a whole; the next snapshot has it too. An `alert`
 * comes at once too, with what a desktop is to do about it: a slow client gets the last {@link maximumHeldAlerts} of them.
 *
 * `sequence` grows by one with every event. A gap means that this client was too slow and has missed some: the next
 * snapshot makes good for all of them but for the bytes of the intervals that it missed.
 */
export const LiveEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), sequence: Count, snapshot: Snapshot, mode: PrivacyMode }),
  z.object({ kind: z.literal('notice'), sequence: Count, mode: PrivacyMode, troubles: z.array(Trouble) }),
  z.object({ kind: z.literal('alert'), sequence: Count, alert: Alert, act: AlertAct }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;
export type SnapshotEvent = Extract<LiveEvent, { kind: 'snapshot' }>;

const nothing = z.object({});
const done = z.object({});

/**
 * The contract as one value. Each query and each command has the rights that it needs and the schemas of its parameters and of its
 * result; a query changes nothing.
 */
export const appContract = {
  queries: {
    identify: { rights: 'read', parameters: nothing, result: ServiceIdentity },
    /** What this connection may do. */
    rights: { rights: 'read', parameters: nothing, result: z.object({ rights: Rights }) },
    mode: { rights: 'read', parameters: nothing, result: PrivacyMode },
    report: { rights: 'read', parameters: ReportRequest, result: Report },
    /** The largest apps, domains, hosts, …, narrowed to an app, a domain, …: every list and drill-down. */
    top: { rights: 'read', parameters: TopQuery, result: TopResult },
    /** The same beside the period before. */
    compare: { rights: 'read', parameters: TopQuery, result: ComparedResult },
    /** Usage over time: every chart. */
    steps: { rights: 'read', parameters: StepsQuery, result: StepsResult },
    hours: { rights: 'read', parameters: UsageQuery, result: HoursResult },
    /** The same by weekday: a heat map. */
    rhythm: { rights: 'read', parameters: UsageQuery, result: RhythmResult },
    /** Round-trip times and retransmits. */
    quality: { rights: 'read', parameters: QualityQuery, result: QualityResult },
    /** What plain HTTP was asked for. */
    http: { rights: 'read', parameters: HttpQuery, result: HttpResult },
    /** How much of a time was measured, and how surely. */
    receipt: { rights: 'read', parameters: ReceiptQuery, result: Receipt },
    apps: { rights: 'read', parameters: AppsQuery, result: AppsResult },
    historyFacts: { rights: 'read', parameters: nothing, result: HistoryFacts },
    /** An app's picture from the desktop's icon theme; null where there is none. */
    icon: { rights: 'read', parameters: IconQuery, result: z.object({ icon: Icon.nullable() }) },
    seen: { rights: 'read', parameters: SeenQuery, result: z.object({ seen: Seen.nullable() }) },
    forgetPreview: { rights: 'read', parameters: Forgettable, result: ForgetPreview },
    /** Alerts, those that nobody was told of among them. */
    alerts: { rights: 'read', parameters: AlertsQuery, result: AlertsResult },
    /** Where the data plans stand. */
    plans: { rights: 'read', parameters: nothing, result: PlansResult },
    /** All settings, for a form. */
    settings: { rights: 'read', parameters: nothing, result: SettingsResult },
    /** Reports on a schedule: when the next are made, what waits to be mailed, what is archived. */
    reports: { rights: 'read', parameters: nothing, result: ReportsState },
    /** What a report would be. */
    reportPreview: { rights: 'read', parameters: ReportPreviewQuery, result: ReportPreview },
  },
  commands: {
    /** Measures nothing until resumed, or for a while. */
    pause: { rights: 'control', parameters: Spell, result: PrivacyMode },
    resume: { rights: 'control', parameters: nothing, result: PrivacyMode },
    /** Keeps and shows totals only until it is ended, or for a while. */
    beginPrivate: { rights: 'control', parameters: Spell, result: PrivacyMode },
    endPrivate: { rights: 'control', parameters: nothing, result: PrivacyMode },
    forget: { rights: 'control', parameters: Forgettable, result: Forgotten },
    /** Tells nobody of any alert for so long; 0 ends it. */
    snoozeAlerts: { rights: 'control', parameters: Snooze, result: AlertQuiet },
    /** Tells nobody of such alerts until unmuted. */
    muteAlerts: { rights: 'control', parameters: Mute, result: AlertQuiet },
    /** Takes back exactly this mute. */
    unmuteAlerts: { rights: 'control', parameters: Mute, result: AlertQuiet },
    /** Said by a client whose window a person looks at, or no longer does. It ends with the connection. */
    windowInFront: { rights: 'control', parameters: z.object({ inFront: z.boolean() }), result: done },
    /** Said by a desktop that is asked not to disturb, or no longer is. It ends with the connection. */
    doNotDisturb: { rights: 'control', parameters: z.object({ active: z.boolean() }), result: done },
    /** Sends something that says it is a test. `message` is one line for a person. */
    testChannel: { rights: 'control', parameters: z.object({ channel: AlertChannel }), result: ChannelTested },
    changeSetting: { rights: 'control', parameters: SettingChange, result: SettingChanged },
    /** Makes a report now, mails and archives it as the settings say. */
    sendReport: { rights: 'control', parameters: ReportWanted, result: ReportSent },
    /** Begins to record the headers of all packets; one recording at a time. It ends with its client's connection. */
    beginRecording: { rights: 'control', parameters: nothing, result: RecordingId },
    /** What has been recorded since the last piece. */
    takeRecording: { rights: 'control', parameters: RecordingId, result: RecordedPiece },
    /** Ends it. Answered when the last of it can be taken; it is gone when there is no more. */
    endRecording: { rights: 'control', parameters: RecordingId, result: done },
    /** Asks a person, through the system's own dialog, for the right to capture, where it was refused or could not be asked for. */
    grantAccess: { rights: 'control', parameters: nothing, result: z.object({ outcome: z.enum(['granted', 'refused', 'not-needed']) }) },
    /** Ends the service. It is answered before it happens. */
    stop: { rights: 'control', parameters: nothing, result: done },
  },
  subscription: { name: 'live', rights: 'read', event: LiveEvent },
} as const;

/** Queries and commands in one: what a transport can be asked for by name. */
export const appMethods = { ...appContract.queries, ...appContract.commands } as const;

export type AppQueryName = keyof typeof appContract.queries;
export type AppCommandName = keyof typeof appContract.commands;
export type AppMethodName = keyof typeof appMethods;
export type AppParameters<Name extends AppMethodName> = z.infer<(typeof appMethods)[Name]['parameters']>;
export type AppResult<Name extends AppMethodName> = z.infer<(typeof appMethods)[Name]['result']>;

/** What a face holds: the contract, whatever carries it. */
export interface AppClient {
  query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>>;
  /** As a query, and something changes. Refused on a connection that may only read. */
  command<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>>;
  /** Events as they come, until the iterator is returned or the service goes away. */
  live(): AsyncIterable<LiveEvent>;
  close(): void;
}
