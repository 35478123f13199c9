// The producer's side of a measurement. Each peer runs in two processes that the harness starts from one file: the
// producer, which enqueues and measures, and a worker, which executes tasks that do nothing (worker.mjs).

import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from './clock.mjs'
import { settings } from './settings.mjs'

let next = 0

// About 110 bytes of JSON. A task with a `sentAt` reports how long after it the handler started.
function payload(sentAt) {
  const id = next++
  return { id, to: `user${id}@example.com`, kind: 'noop', n: id * 7, note: 'x'.repeat(40), sentAt }
}

// Measures a peer and prints one line of JSON.
//   enqueueOne(payload)        resolves when the peer has acknowledged one task
//   enqueueBatch(payloads)     the same with the peer's own call for many
//   allAcknowledged()          optional: whether the store holds no unfinished task; without it the workers' word counts
//   close()                    optional: closes what the producer opened
export async function measure(file, peer) {
  const enqueueOne = await ratePerSecond(settings.oneByOne, () => enqueueOneByOne(peer))
  const enqueueConcurrent = await ratePerSecond(settings.concurrent, () => enqueueConcurrently(peer))
  const enqueueBatch = await ratePerSecond(settings.tasks, () => enqueueInBatches(peer))

  const worker = await Worker.start(file)
  let expected = settings.oneByOne + settings.concurrent + settings.tasks
  const drain = await ratePerSecond(expected, async () => {
    await worker.work()
    await finished(peer, worker, expected, 'drain')
  })
  await sleep(1000) // Let pollers and background writes of the drain settle.

  expected += settings.rate * settings.steadySeconds
  await enqueueSteadily(peer)
  await finished(peer, worker, expected, 'steady')
  const latencies = worker.latencies.sort((a, b) => a - b)

  expected += settings.tasks
  const endToEnd = await ratePerSecond(settings.tasks, async () => {
    await enqueueInBatches(peer)
    await finished(peer, worker, expected, 'end to end')
  })

  console.log(JSON.stringify({
    enqueueOne, enqueueConcurrent, enqueueBatch, drain, endToEnd,
    p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99), latencies: latencies.length,
    workerMiB: worker.peakMiB(),
  }))
  await worker.stop()
  await peer.close?.()
  process.exit(0) // Some clients keep timers that would hold the process.
}

async function ratePerSecond(count, work) {
  const start = nowMs()
  await work()
  return Math.round(count / ((nowMs() - start) / 1000))
}

async function enqueueOneByOne(peer) {
  for (let i = 0; i < settings.oneByOne; i++) await peer.enqueueOne(payload())
}

async function enqueueConcurrently(peer) {
  let left = settings.concurrent
  const caller = async () => {
    while (left-- > 0) await peer.enqueueOne(payload())
  }
  await Promise.all(Array.from({ length: settings.callers }, caller))
}

async function enqueueInBatches(peer) {
  for (let left = settings.tasks; left > 0; left -= settings.batch) {
    await peer.enqueueBatch(Array.from({ length: Math.min(left, settings.batch) }, () => payload()))
  }
}

// At a fixed rate, whatever the answers take: a slow answer does not thin out the load.
async function enqueueSteadily(peer) {
  const start = nowMs()
  const calls = []
  for (let i = 0; i < settings.rate * settings.steadySeconds; i++) {
    const early = start + i * 1000 / settings.rate - nowMs()
    if (early > 0) await sleep(early)
    calls.push(peer.enqueueOne(payload(nowMs())))
  }
  await Promise.all(calls)
}

async function finished(peer, worker, expected, phase) {
  const deadline = nowMs() + settings.phaseSeconds * 1000
  const isFinished = async () => worker.executed >= expected && (await peer.allAcknowledged?.() ?? true)
  while (!await isFinished()) {
    if (nowMs() > deadline) throw new Error(`${phase}: ${worker.executed} of ${expected} after ${settings.phaseSeconds} s`)
    await sleep(5)
  }
}

function percentile(sorted, share) {
  return sorted.length === 0 ? null : Number(sorted[Math.ceil(share * sorted.length) - 1].toFixed(2))
}

// The worker process, seen from the producer.
class Worker {
  executed = 0
  latencies = []

  // Returns when the process is up with everything loaded, but does not work yet.
  static async start(file) {
    const worker = new Worker()
    worker.process = fork(file, ['worker'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    worker.process.on('message', message => worker.hear(message))
    worker.process.on('exit', code => {
      if (!worker.isStopping) throw new Error(`The worker ended with ${code}.`)
    })
    await worker.says('up')
    return worker
  }

  async work() {
    const ready = this.says('ready')
    this.process.send('work')
    await ready
  }

  hear(message) {
    if (message.executed === undefined) return
    this.executed = message.executed
    this.latencies.push(...message.latencies)
  }

  says(word) {
    return new Promise(resolve => {
      const listen = message => {
        if (message !== word) return
        this.process.off('message', listen)
        resolve()
      }
      this.process.on('message', listen)
    })
  }

  // The largest resident set so far, as the kernel counted it.
  peakMiB() {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8')
    return Math.round(Number(status.match(/^VmHWM:\s+(\d+)/m)[1]) / 1024)
  }

  async stop() {
    this.isStopping = true
    this.process.kill('SIGKILL') // Everything is measured; a graceful stop takes some peers seconds.
  }
}
