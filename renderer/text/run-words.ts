/** How a container came to its end. */
export const endWords = (exitCode: number | null): string =>
  exitCode === null ? 'Ended' : exitCode === 137 ? 'Ended, killed' : `Ended with exit code ${exitCode}`;
