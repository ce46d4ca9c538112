import { z } from 'zod';

/**
 * The frames that carry the app API: JSON-RPC 2.0 (jsonrpc.org/specification), one value per line of a byte stream or per
 * text message of a WebSocket.
 *
 * - A query or a command is a request with its name as method. Batches are not taken.
 * - The subscription's name as method begins a subscription: the result is {@link SubscriptionStarted}. Its events are
 *   notifications of the same method with {@link SubscriptionEvent} as parameters.
 * - `unsubscribe` with the subscription's number ends it. The end of the connection ends all.
 */

/** Longest message a server accepts, in bytes: a request has only a few parameters. */
export const maximumRequestBytes = 65_536;

/** Longest message a client accepts, in bytes: a report of many thousand rows. */
export const maximumResponseBytes = 16_777_216;

export const unsubscribeMethod = 'unsubscribe';

const RequestId = z.union([z.number().int(), z.string().max(64)]);
export type RequestId = z.infer<typeof RequestId>;

export const RpcRequest = z.object({
  jsonrpc: z.literal('2.0'),
  /** Absent in a notification: nothing is answered. */
  id: RequestId.optional(),
  method: z.string().max(64),
  params: z.unknown().optional(),
});
export type RpcRequest = z.infer<typeof RpcRequest>;

/** `code` as in JSON-RPC 2.0 section 5.1; `data` is Tidewatch's own word for it where there is one. */
export const RpcError = z.object({
  code: z.number().int(),
  message: z.string().max(4096),
  data: z.string().max(64).optional(),
});
export type RpcError = z.infer<typeof RpcError>;

/** What a server says: an answer, the refusal of a request, or (without `id`) an event of a subscription. */
export const RpcResponse = z.union([
  z.object({ jsonrpc: z.literal('2.0'), id: RequestId.nullable(), error: RpcError }),
  z.object({ jsonrpc: z.literal('2.0'), id: RequestId, result: z.unknown() }),
  z.object({ jsonrpc: z.literal('2.0'), method: z.string().max(64), params: z.unknown() }),
]);
export type RpcResponse = z.infer<typeof RpcResponse>;

export const SubscriptionStarted = z.object({ subscription: z.number().int().min(0) });
export type SubscriptionStarted = z.infer<typeof SubscriptionStarted>;

export const SubscriptionEvent = z.object({ subscription: z.number().int().min(0), event: z.unknown() });
export type SubscriptionEvent = z.infer<typeof SubscriptionEvent>;

export const rpcErrorCodes = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
  /** The service said no: `data` has the code of its error. */
  refused: -32_000,
  /** The connection may only read. */
  notAllowed: -32_001,
} as const;
