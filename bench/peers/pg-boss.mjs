// pg-boss on PostgreSQL.

import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { measure } from './harness.mjs'
import { postgres as connectionString } from './settings.mjs'
import { done, isWorker, serve, started } from './worker.mjs'

const options = { connectionString, max: 20, useListenNotify: true }

// For throughput: one loop that fetches and completes a thousand at a time.
const working = { batchSize: 1000, localConcurrency: 1, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }

async function open(extra) {
  const boss = new PgBoss({ ...options, ...extra })
  boss.on('error', error => console.error(error))
  await boss.start()
  return boss
}

async function beginToWork() {
  const boss = await open({ supervise: false, schedule: false })
  await boss.work('bench', working, async jobs => {
    for (const job of jobs) started(job.data)
    done(jobs.length)
  })
}

async function produce() {
  const boss = await open({})
  await boss.createQueue('bench', { notify: true })
  const database = new pg.Client(connectionString)
  await database.connect()
  const unfinished = "select 1 from pgboss.job where name = 'bench' and state < 'completed' limit 1"
  await measure(import.meta.filename, {
    enqueueOne: payload => boss.send('bench', payload),
    enqueueBatch: payloads => boss.insert('bench', payloads.map(data => ({ data }))),
    allAcknowledged: async () => (await database.query(unfinished)).rowCount === 0,
  })
}

if (isWorker) serve(beginToWork)
else await produce()
