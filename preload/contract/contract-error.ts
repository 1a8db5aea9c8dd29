import { wireError } from './errors.ts';
import type { WireError } from './errors.ts';

/** The engine's error as a window or an attached terminal gets it: the same code, message, causes, hint and evidence. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: string;
  readonly hint: string | null;
  /** Messages of the causes, nearest first. */
  override readonly cause: readonly string[];
  readonly details: WireError['details'];

  constructor(error: WireError) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
    this.cause = error.cause;
    this.details = error.details;
  }

  /** Back to what crosses a border: an attached host passes the engine's errors on unchanged. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      cause: this.cause,
      hint: this.hint,
      details: this.details,
    };
  }
}

/** An error that arose on this side of the border. */
export function contractError(code: string, message: string, hint: string | null = null): ContractError {
  return new ContractError({ code, message, cause: [], hint, details: {} });
}

/** Whatever was thrown or received as a `ContractError`; never throws. */
export function toContractError(error: unknown): ContractError {
  if (error instanceof ContractError) return error;
  const wire = wireError.safeParse(error);
  if (wire.success) return new ContractError(wire.data);
  const message = error instanceof Error ? error.message : String(error);
  return contractError('unexpected', message);
}
