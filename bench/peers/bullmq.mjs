// BullMQ on Redis. What "acknowledged" means depends on the server's appendfsync, which run.sh sets.

import { Queue, Worker } from 'bullmq'
import { measure } from './harness.mjs'
import { redis as connection } from './settings.mjs'
import { done, isWorker, serve, started } from './worker.mjs'

const concurrency = 100

async function beginToWork() {
  const worker = new Worker('bench', async job => started(job.data), { connection, concurrency })
  worker.on('completed', () => done()) // After Redis has answered.
  worker.on('error', error => console.error(error))
  await worker.waitUntilReady()
}

async function produce() {
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } })
  await measure(import.meta.filename, {
    enqueueOne: payload => queue.add('noop', payload),
    enqueueBatch: payloads => queue.addBulk(payloads.map(data => ({ name: 'noop', data }))),
    close: () => queue.close(),
  })
}

if (isWorker) serve(beginToWork)
else await produce()
