/** What a report says: see README.md. */
export { barChart, escapedText, receivedColour, sentColour } from './chart.ts';
export type { ChartBar, ChartOptions } from './chart.ts';
export { periodBefore } from './period.ts';
export type { Period } from './period.ts';
export { schedulePattern } from './schedule.ts';
export { scheduledReport } from './scheduled-report.ts';
export type { Mover, PeriodAnswers, ReportLine, ReportStep, ScheduledReport } from './scheduled-report.ts';
export { changeText, durationText, sizeText } from './words.ts';
export type { Prefixes } from './words.ts';
export { anomaliesIn } from './anomaly.ts';
export type { Anomaly, AnomalyCause, Part } from './anomaly.ts';
export { patternsIn } from './patterns.ts';
export type { PairDays, Patterns, RecurringPair, WeekHour } from './patterns.ts';
export { seriesOf } from './series.ts';
export type { Point } from './series.ts';
export { trendOf } from './trend.ts';
export type { Trend } from './trend.ts';
