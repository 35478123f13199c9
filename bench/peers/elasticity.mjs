// Elasticity in the same terms as the peers: `elasticity bench`, once with a call per task and one call in flight, once
// with many in flight, and once in batches, which are jobs here. Takes the options that say where, such as --in-process.

import { execFileSync } from 'node:child_process'
import pg from 'pg'
import { postgres, settings } from './settings.mjs'

const where = process.argv.slice(2)
const agents = process.env.BENCH_AGENTS ?? '1'
const slots = process.env.BENCH_SLOTS ?? '500'
const payloadBytes = '110'

// The store of the measurement before has an owner that was killed, whom a new server would wait for; and is not empty.
async function dropStore() {
  if (!where.includes('--store')) return
  const database = new pg.Client(postgres)
  await database.connect()
  await database.query('drop schema if exists elasticity_bench cascade')
  await database.end()
}

async function bench(options) {
  await dropStore()
  const all = ['bench', ...where, '--json', '--agents', agents, '--slots', slots, '--payload', payloadBytes]
  for (const [name, value] of Object.entries(options)) all.push(`--${name}`, String(value))
  const seconds = settings.phaseSeconds * 3
  const output = execFileSync(process.env.BENCH_ELASTICITY, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: seconds * 1000,
  })
  return JSON.parse(output)
}

const single = { tasks: 1, steady: '0s' }
const one = await bench({ ...single, jobs: settings.oneByOne, submitters: 1 })
const concurrent = await bench({ ...single, jobs: settings.concurrent, submitters: settings.callers })
const main = await bench({
  jobs: Math.ceil(settings.tasks / settings.batch),
  tasks: settings.batch,
  submitters: 1,
  rate: settings.rate,
  steady: `${settings.steadySeconds}s`,
})

const processes = Object.entries(main.memory.peakMiB)
const sum = some => Math.round(some.reduce((total, [, mebibytes]) => total + mebibytes, 0))
console.log(JSON.stringify({
  enqueueOne: one.submit.tasksPerSecond,
  enqueueConcurrent: concurrent.submit.tasksPerSecond,
  enqueueBatch: main.submit.tasksPerSecond,
  drain: main.drain.tasksPerSecond,
  endToEnd: main.endToEnd.tasksPerSecond,
  p50Ms: main.submitToStart?.p50Ms,
  p99Ms: main.submitToStart?.p99Ms,
  latencies: main.submitToStart?.count,
  workerMiB: sum(processes.filter(([name]) => name !== 'server')),
  serverMiB: where.includes('--in-process') ? null : sum(processes.filter(([name]) => name === 'server')),
}))
