/** A clock that all threads of the process share, milliseconds. */
export const milliseconds = (): number => Number(process.hrtime.bigint()) / 1e6;
