// CLOCK_MONOTONIC in milliseconds: the same in all processes of a machine, so that they can be subtracted.
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6
