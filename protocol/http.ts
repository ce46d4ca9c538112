import { z } from 'zod';
import { httpMethods, maximumSectionLength, maximumSectionsPerHost, maximumStatusCodesPerHost } from './bounds.ts';
import { Count, HostName } from './units.ts';

/**
 * What plain HTTP/1 was asked for and answered, counted by host over one interval. This is all that is ever told of a request:
 * its method, the first section of its path, and the status of its answer. Never a query, a deeper path, a field or a body.
 */

export { maximumHttpHostsPerMessage, maximumSectionLength, maximumSectionsPerHost, maximumStatusCodesPerHost } from './bounds.ts';

export const HttpMethod = z.enum(httpMethods);
export type HttpMethod = z.infer<typeof HttpMethod>;

/**
 * A path's first section (`/images`): visible ASCII, every other byte as `%XX`. `other` is the sum of the sections that had no
 * place of their own; `none` is a request without a path (CONNECT, `OPTIONS *`).
 */
export const HttpSection = z.string().max(maximumSectionLength).regex(/^(?:\/[\u0021-\u007e]*|other|none)$/u);
export type HttpSection = z.infer<typeof HttpSection>;

/** A status code (RFC 9110 15), or its class for those that had no place of their own. */
export const HttpStatus = z.string().regex(/^[1-5](?:\d\d|xx)$/u);
export type HttpStatus = z.infer<typeof HttpStatus>;

const statusClasses = 5;

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function bounded(maximum: number): (counts: Readonly<Record<string, number>>) => boolean {
  return (counts) => Object.keys(counts).length <= maximum;
}

/** What one host was asked for and answered in one interval; counts of nothing are left out. */
export const HttpHostSum = z
  .object({
    /** Null in the row of all hosts that had no row of their own. */
    host: HostName.nullable(),
    /** Requests: the sum over `methods`, and over `sections`. */
    requests: Count,
    /** Answers: the sum over `statuses`. One may come in a later interval than its request, or never. */
    responses: Count,
    methods: z.partialRecord(HttpMethod, Count),
    sections: z.record(HttpSection, Count).refine(bounded(maximumSectionsPerHost + 1), 'more sections than a host may have'),
    statuses: z.record(HttpStatus, Count).refine(bounded(maximumStatusCodesPerHost + statusClasses), 'more statuses than a host may have'),
  })
  .refine(({ requests, methods, sections }) => requests === sumOf(methods) && requests === sumOf(sections), 'the requests are not the sum of their parts')
  .refine(({ responses, statuses }) => responses === sumOf(statuses), 'the responses are not the sum of their statuses');
export type HttpHostSum = z.infer<typeof HttpHostSum>;
