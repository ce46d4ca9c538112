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
