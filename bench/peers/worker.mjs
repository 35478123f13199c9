// The worker's side of a measurement: counts what was executed and tells the producer every 10 ms.

import { nowMs } from './clock.mjs'

const reportEveryMs = 10

let executed = 0
let reported = 0
let latencies = []

// True in the process that the harness started to execute tasks.
export const isWorker = process.argv[2] === 'worker'

// First line of every handler.
export function started(payload) {
  if (payload.sentAt !== undefined) latencies.push(nowMs() - payload.sentAt)
}

// When a task is done as far as the worker knows.
export function done(count = 1) {
  executed += count
}

// Begins to work, with what the peer needs for it, once the producer says so.
export function serve(beginToWork) {
  process.on('message', async message => {
    if (message !== 'work') return
    await beginToWork()
    process.send('ready')
  })
  process.on('disconnect', () => process.exit(0))
  setInterval(report, reportEveryMs)
  process.send('up')
}

function report() {
  if (executed === reported && latencies.length === 0) return
  process.send({ executed, latencies })
  reported = executed
  latencies = []
}
