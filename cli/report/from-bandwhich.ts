import { csvText } from '../../service/formats/csv.ts';
import { bandwhichTable, foundFiles, reportFromBandwhich } from '../../service/import/index.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { Output } from '../output.ts';
import { countText } from '../units.ts';
import { writeOutputFile } from '../write-output-file.ts';

/** What `report --from-bandwhich` was asked for. */
export interface FromBandwhich {
  readonly places: readonly string[];
  readonly range: { readonly from?: EpochMs | undefined; readonly to?: EpochMs | undefined };
  readonly format: string;
  readonly output: string | undefined;
}

/** `report --from-bandwhich`: logs of bandwhich in the shapes that their pipelines write, straight from the files. */
export async function bandwhichReport({ places, range, format, output: file }: FromBandwhich, edges: Edges): Promise<void> {
  if (format !== 'json' && format !== 'csv') throw new UsageError('--from-bandwhich writes --format json or csv: choose one of them; `tidewatch import bandwhich` makes all other reports of logs');
  const { from = 0, to = Infinity } = range;
  const { report, brokenLines, broken } = await reportFromBandwhich(foundFiles(places), (at) => at >= from && at < to);
  const text = format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : csvText(bandwhichTable(report));
  const output = new Output(edges.output, edges.ending);
  if (file === undefined) output.write(text);
  else writeOutputFile(file, text);
  const [first] = broken;
  if (first !== undefined) edges.errors.write(`tidewatch: ${countText(brokenLines)} lines could not be read, the first is ${JSON.stringify(`${first.file}:${first.line}`)}\n`);
  await output.finish();
}
