// What is measured, from the environment. README.md lists the variables; run.sh sets where the servers are.

const number = (name, otherwise) => Number(process.env[name] ?? otherwise)

export const settings = {
  oneByOne: number('BENCH_ONE_BY_ONE', 1000), // tasks enqueued with one call in flight
  concurrent: number('BENCH_CONCURRENT', 3000), // tasks enqueued with `callers` calls in flight
  callers: number('BENCH_CALLERS', 50),
  tasks: number('BENCH_TASKS', 50000), // tasks enqueued in batches; once to be drained, once end to end
  batch: number('BENCH_BATCH', 1000), // tasks in one batch call
  rate: number('BENCH_RATE', 100), // tasks a second in the steady phase
  steadySeconds: number('BENCH_STEADY_SECONDS', 10),
  phaseSeconds: number('BENCH_PHASE_SECONDS', 180), // a phase that takes longer has failed
}

export const redis = {
  host: '127.0.0.1',
  port: number('BENCH_REDIS_PORT', 6379),
  password: process.env.BENCH_REDIS_PASSWORD,
  maxRetriesPerRequest: null, // BullMQ's workers demand it
}

// A URL of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE.
export const postgres = process.env.BENCH_POSTGRES_URL
