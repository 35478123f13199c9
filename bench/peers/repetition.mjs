// One repetition of one row: `node repetition.mjs ROW NUMBER RESULTS`. Waits a while for a quiet machine, probes, runs the
// row's program, probes again, and appends one line of JSON to the file RESULTS. A failure is a line, too.

import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from './clock.mjs'
import { cpuShare } from './probe.mjs'
import { rows } from './rows.mjs'
import { settings } from './settings.mjs'

const quietShare = 0.85
const quietSeconds = Number(process.env.BENCH_QUIET_SECONDS ?? 10)
const memoryEveryMs = 500

const [name, number, results] = process.argv.slice(2)
const row = rows[name]

const cpuBefore = await waitForQuiet()
const memory = watchMemory(process.env.BENCH_SERVER_PID)
const measured = await run(row.command)
memory.stop()
const line = {
  row: name,
  repetition: Number(number),
  at: new Date().toISOString(),
  cpuBefore,
  cpuAfter: await cpuShare(),
  ...measured,
  serverMiB: memory.peakMiB === null ? measured.serverMiB : memory.peakMiB + (measured.serverMiB ?? 0),
}
appendFileSync(results, `${JSON.stringify(line)}\n`)
console.error(measured.error === undefined
  ? `${name}: ${line.drain} tasks/s drained, ${line.endToEnd} end to end, p99 ${line.p99Ms} ms; CPU share ${cpuBefore}`
  : `${name}: ${measured.error}`)

async function waitForQuiet() {
  const deadline = nowMs() + quietSeconds * 1000
  let share = await cpuShare()
  while (share < quietShare && nowMs() < deadline) {
    await sleep(700)
    share = await cpuShare()
  }
  return share
}

function run([program, ...args]) {
  const tasks = Math.round(settings.tasks * (row.tasksShare ?? 1))
  const child = spawn(program, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, BENCH_TASKS: String(tasks) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', text => { output += text })
  return new Promise(resolve => {
    child.on('error', error => resolve({ error: error.message }))
    child.on('close', code => resolve({ tasks, ...resultOf(code, output) }))
  })
}

function resultOf(code, output) {
  if (code !== 0) return { error: `ended with ${code}; see above` }
  try {
    return JSON.parse(output.trim().split('\n').at(-1))
  } catch {
    return { error: `said no JSON: ${output.slice(0, 200)}` }
  }
}

// The most memory of a server and its children so far. Shares of shared memory (Pss), because every process of
// PostgreSQL maps the same buffers. Null without a server.
function watchMemory(pid) {
  const watch = { peakMiB: null, stop: () => clearInterval(timer) }
  const look = () => {
    const kibibytes = [pid, ...childrenOf(pid)].map(pssOf).reduce((a, b) => a + b, 0)
    if (kibibytes > 0) watch.peakMiB = Math.max(watch.peakMiB, Math.round(kibibytes / 1024))
  }
  const timer = pid ? setInterval(look, memoryEveryMs) : undefined
  return watch
}

function childrenOf(pid) {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)
}

function pssOf(pid) {
  return Number(read(`/proc/${pid}/smaps_rollup`).match(/^Pss:\s+(\d+)/m)?.[1] ?? 0)
}

function read(file) {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return '' // It has ended, or is another user's.
  }
}
