// The rows of the table: what runs, and what "durable" means there.

const onSqlite = 'SQLite WAL, synchronous=FULL: fsync before every acknowledgement'
const onPostgres = 'PostgreSQL: committed, fsync on, before every acknowledgement'

const node = (...command) => [process.execPath, ...command]

export const rows = {
  'elasticity-sqlite': {
    title: 'Elasticity in-process, SQLite',
    durable: onSqlite,
    command: node('elasticity.mjs', '--in-process'),
  },
  'elasticity-http-sqlite': {
    title: 'Elasticity over HTTP, SQLite',
    durable: onSqlite,
    command: node('elasticity.mjs'),
  },
  'elasticity-http-postgres': {
    title: 'Elasticity over HTTP, PostgreSQL',
    durable: onPostgres,
    command: node('elasticity.mjs', '--store', process.env.BENCH_POSTGRES_NPGSQL),
  },
  'bullmq-always': {
    title: 'BullMQ, Redis always',
    durable: 'Redis AOF, appendfsync always: fsync before every acknowledgement',
    command: node('bullmq.mjs'),
    comparedWith: 'elasticity-http-sqlite',
  },
  'bullmq-everysec': {
    title: 'BullMQ, Redis everysec',
    durable: 'Redis AOF, appendfsync everysec: a power cut loses about a second of what was acknowledged',
    command: node('bullmq.mjs'),
    // Elasticity has no mode that acknowledges before the fsync, so there is nothing to compare with.
  },
  'pg-boss': {
    title: 'pg-boss',
    durable: onPostgres,
    command: node('pg-boss.mjs'),
    comparedWith: 'elasticity-http-postgres',
  },
  'graphile-worker': {
    title: 'graphile-worker',
    durable: onPostgres,
    command: node('graphile-worker.mjs'),
    comparedWith: 'elasticity-http-postgres',
  },
  quartz: {
    title: 'Quartz.NET, clustered',
    durable: onPostgres,
    command: [process.env.BENCH_DOTNET, 'quartz', process.env.BENCH_POSTGRES_NPGSQL],
    tasksShare: 0.1, // At some hundred a second it takes as long as the others do with all of them.
    comparedWith: 'elasticity-http-postgres',
  },
}
