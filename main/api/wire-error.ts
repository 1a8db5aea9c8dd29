import type { z } from 'zod';
import { ContractError } from '../../preload/contract/contract-error.ts';
import type { WireError } from '../../preload/contract/index.ts';
import { wireError } from '../../preload/contract/index.ts';
import { PtahError, isAbort } from '../engine/errors/index.ts';
import { redact, toPlainEvidence } from './redact.ts';

const bounded = (text: string) => redact(text.length > 16_384 ? `${text.slice(0, 16_384)}…` : text);

/** Anything that was thrown, as it crosses a border: plain data, no stack, no secrets. Never throws. */
export function toWireError(error: unknown): WireError {
  // already crossed one border: an engine in another process said it
  if (error instanceof ContractError) return error.toWire();
  const ours = error instanceof PtahError;
  const details = ours ? toPlainEvidence(error.details) : {};
  const wire = {
    code: ours ? error.code : isAbort(error) ? 'cancelled' : 'unexpected',
    message: bounded(messageOf(error)),
    cause: causes(error),
    hint: ours && error.hint !== undefined ? bounded(error.hint) : null,
    details,
  };
  const checked = wireError.safeParse(wire);
  return checked.success ? checked.data : { ...wire, details: { evidence: details } };
}

function messageOf(error: unknown): string {
  try {
    if (error instanceof Error) return error.message || error.name;
    return typeof error === 'string' ? error : `Something that is no error was thrown: ${String(error)}`;
  } catch {
    return 'Something that is no error was thrown';
  }
}

function causes(error: unknown): string[] {
  const chain: string[] = [];
  let current = error instanceof Error ? error.cause : undefined;
  while (current !== undefined && current !== null && chain.length < 8) {
    chain.push(bounded(messageOf(current)));
    current = current instanceof Error ? current.cause : undefined;
  }
  return chain;
}

/** A payload that does not fit the contract: names the places, never repeats the values. */
export function invalidPayload(method: string, error: z.ZodError): PtahError {
  const places = error.issues.slice(0, 10).map(issue => {
    const path = issue.path.map(String).join('.') || '(whole)';
    return { path, message: issue.message };
  });
  const first = places[0];
  return new PtahError(
    'invalid-payload',
    `${method}: ${first ? `${first.path}: ${first.message}` : 'does not fit'}`,
    {
      hint: 'The window and the engine are of different versions, or this is a bug of the window.',
      details: {
        problems: places.map(place => ({
          code: 'invalid-payload',
          severity: 'error',
          message: `${place.path}: ${place.message}`,
        })),
      },
    },
  );
}

/** The engine's answer does not fit the contract: a bug of ours, told as one. */
export function invalidAnswer(method: string, error: z.ZodError): PtahError {
  const first = error.issues[0];
  const path = first ? first.path.map(String).join('.') || '(whole)' : '(whole)';
  return new PtahError(
    'invalid-answer',
    `${method}: the engine's answer does not fit the contract at ${path}.`,
    {
      hint: 'This is a bug of Ptah Desktop.',
      cause: new Error(first?.message ?? 'unknown'),
    },
  );
}
