// `node table.mjs RESULTS`: what a run gave, as Markdown. Cells are min / **median** / max over the repetitions.

import { readFileSync } from 'node:fs'
import { rows } from './rows.mjs'

const columns = [
  ['enqueueOne', 'enqueue one by one /s'],
  ['enqueueConcurrent', 'concurrently /s'],
  ['enqueueBatch', 'in batches /s'],
  ['drain', 'drain /s'],
  ['endToEnd', 'end to end /s'],
  ['p50Ms', 'p50 ms'],
  ['p99Ms', 'p99 ms'],
  ['workerMiB', 'worker MiB'],
  ['serverMiB', 'server MiB'],
]
const keys = columns.map(([key]) => key)
const lines = readFileSync(process.argv[2], 'utf8').trim().split('\n').map(line => JSON.parse(line))
const machine = lines.find(line => line.machine)?.machine
const names = Object.keys(rows).filter(name => lines.some(line => line.row === name))

const good = name => lines.filter(line => line.row === name && line.error === undefined)
const failed = name => lines.filter(line => line.row === name && line.error !== undefined)
const values = (name, key) => good(name).map(line => line[key]).filter(Number.isFinite).sort((a, b) => a - b)

function median(sorted) {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function short(value) {
  return value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 })
}

const spread = (name, key) => spreadOf(values(name, key))

function spreadOf(sorted) {
  if (sorted.length < 2) return sorted.length === 0 ? '–' : short(sorted[0])
  return `${short(sorted[0])} / **${short(median(sorted))}** / ${short(sorted.at(-1))}`
}

function repetitions(name) {
  const failures = failed(name).length
  return failures === 0 ? String(good(name).length) : `${good(name).length}, ${failures} failed`
}

function ratio(name, other, key) {
  const [mine, theirs] = [values(other, key), values(name, key)]
  return mine.length === 0 || theirs.length === 0 || median(theirs) === 0 ? '–' : short(median(mine) / median(theirs))
}

function table(head, body) {
  return [head, head.map(() => '---'), ...body].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

const measurements = () => table(
  ['', 'n', 'CPU share', ...columns.map(([, title]) => title)],
  names.map(name => [
    rows[name].title, repetitions(name), spread(name, 'cpuBefore'), ...keys.map(key => spread(name, key))]))

const compared = names.filter(name => names.includes(rows[name].comparedWith))
const ratios = () => table(
  ['against', 'Elasticity', ...columns.map(([, title]) => title.replace(' /s', ''))],
  compared.map(name => [
    rows[name].title,
    rows[rows[name].comparedWith].title.replace('Elasticity ', ''),
    ...keys.map(key => ratio(name, rows[name].comparedWith, key))]))

const durability = () => names.map(name => `- ${rows[name].title}: ${rows[name].durable}`).join('\n')

// The event stores alone, which the program bench/Benchmarks measures.
function appends() {
  const cases = Object.groupBy(lines.filter(line => line.benchmark === 'append'), c => `${c.store}, ${c.producers}`)
  const cells = of => ['cpuBefore', 'eventsPerSecond', 'p50Ms', 'p99Ms', 'meanBatch']
    .map(key => spreadOf(of.map(line => line[key]).filter(Number.isFinite).sort((a, b) => a - b)))
  return table(
    ['store, producers', 'n', 'CPU share', 'events /s', 'acknowledged p50 ms', 'p99 ms', 'events in a commit', 'synchronised'],
    Object.entries(cases).map(([name, of]) => [name, of.length, ...cells(of), of[0].durable]))
}

console.log(`${machine ?? ''}

Each cell: min / **median** / max; one number where there was one repetition.`)

if (names.length > 0) {
  console.log(`
${measurements()}

What "acknowledged" meant:

${durability()}`)
}

if (compared.length > 0) {
  console.log(`
Elasticity's median divided by the peer's, at the same durability. Above 1 Elasticity is faster in the columns of rates, and slower
or larger in those of milliseconds and memory.

${ratios()}`)
}

if (lines.some(line => line.benchmark === 'append')) {
  console.log(`
Event stores, events of 300 bytes, each producer one at a time:

${appends()}`)
}
