/**
 * Bounds of messages, and words in them, apart from their schemas: who only sends, and starts for one file, need not load
 * what checks them.
 */

/** Most flows, names or processes in one message: keeps each line short enough to parse without a pause. */
export const maximumFlowsPerMessage = 1000;

/** Most hosts in one message: of the longest, 64 stay below half of the longest line. */
export const maximumHttpHostsPerMessage = 64;

/** The methods of RFC 9110 9.3 and RFC 5789; the many others that programs use are one. */
export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'other'] as const;

/** Longest first section of a path that is told, with its slash. */
export const maximumSectionLength = 64;

/** First sections of paths told of one host, most; the requests for others are counted as `other`. */
export const maximumSectionsPerHost = 32;

/** Different status codes told of one host, most; answers with others are counted by their class (`4xx`). */
export const maximumStatusCodesPerHost = 16;
