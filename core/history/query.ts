/** Questions to the history and their answers: they cross to the faces, so their schemas are the protocol's. */
export { stepNames } from '../../protocol/usage-query.ts';
export type {
  ComparedResult,
  ComparedRow,
  HoursResult,
  QueryKey,
  RowKind,
  Seen,
  Step,
  StepName,
  StepPart,
  StepsQuery,
  StepsResult,
  TopQuery,
  TopResult,
  UsageFilter,
  UsageName,
  UsageQuery,
  UsageRow,
} from '../../protocol/usage-query.ts';
