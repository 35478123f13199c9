// graphile-worker on PostgreSQL.

import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'
import { measure } from './harness.mjs'
import { postgres as connectionString } from './settings.mjs'
import { done, isWorker, serve, started } from './worker.mjs'

const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message)
})

// The local queue fetches, and the delay of 0 completes, in bulk: without them it drains far more slowly.
const worker = {
  connectionString,
  concurrentJobs: 50,
  maxPoolSize: 20,
  pollInterval: 2000,
  localQueue: { size: 500, ttl: 300000 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
}

async function beginToWork() {
  const taskList = {
    noop: async payload => {
      started(payload)
      done()
    },
  }
  const runner = await run({ logger, noHandleSignals: true, taskList, preset: { worker } })
  runner.promise.catch(error => console.error(error))
}

async function produce() {
  const utils = await makeWorkerUtils({ connectionString, maxPoolSize: 20, logger })
  await utils.migrate()
  const database = new pg.Client(connectionString)
  await database.connect()
  const unfinished = 'select 1 from graphile_worker._private_jobs limit 1'
  await measure(import.meta.filename, {
    enqueueOne: payload => utils.addJob('noop', payload),
    enqueueBatch: payloads => utils.addJobs(payloads.map(payload => ({ identifier: 'noop', payload }))),
    allAcknowledged: async () => (await database.query(unfinished)).rowCount === 0,
  })
}

if (isWorker) serve(beginToWork)
else await produce()
