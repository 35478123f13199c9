// The share of all cores that a process gets that asks for all of them: 1 on a quiet machine. Other work on the machine
// may still begin after the probe. `node probe.mjs` prints it.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { nowMs } from './clock.mjs'

const spinMs = 300
const spin = `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', until => {
    while (Number(process.hrtime.bigint()) / 1e6 < until);
    parentPort.postMessage('done')
  })
  parentPort.postMessage('up')`

const heard = (worker, word) => new Promise(resolve => {
  const listen = message => {
    if (message !== word) return
    worker.off('message', listen)
    resolve()
  }
  worker.on('message', listen)
})

export async function cpuShare() {
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(spin, { eval: true }))
  await Promise.all(workers.map(worker => heard(worker, 'up')))

  const start = nowMs()
  const before = process.cpuUsage()
  const done = Promise.all(workers.map(worker => heard(worker, 'done')))
  for (const worker of workers) worker.postMessage(start + spinMs)
  await done
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1000 / (nowMs() - start) / workers.length

  await Promise.all(workers.map(worker => worker.terminate()))
  return Number(Math.min(1, share).toFixed(2))
}

if (process.argv[1] === import.meta.filename) console.log(await cpuShare())
