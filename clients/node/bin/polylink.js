#!/usr/bin/env node
'use strict'

// The program itself, so that `npx polylink serve` works.
const { spawn } = require('node:child_process')
const { find } = require('../lib/binaries.js')

let bin
try {
  bin = find()
} catch (err) {
  console.error(err.message)
  process.exit(1)
}
const child = spawn(bin, process.argv.slice(2), { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (err) => {
  console.error(err.message)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
