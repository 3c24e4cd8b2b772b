'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { find } = require('./binaries.js')
const { call } = require('./calls.js')
const { Server, dialectsAt } = require('./servers.js')

/** How much of what polylink writes is kept, to be told when it fails. */
const KEPT = 64 * 1024

/** Those that run, so that none outlives this process. */
const running = new Set()
let watched = false

function watch() {
  if (watched) return
  watched = true
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL')
  })
}

/** A polylink of our own: a process that ends with stop. */
class Own extends Server {
  constructor(child, written, folder, ...rest) {
    super(...rest)
    this.pid = child.pid
    Object.defineProperty(this, 'process', { value: child })
    Object.defineProperty(this, 'written', { value: written })
    Object.defineProperty(this, 'folder', { value: folder })
  }

  /** What polylink has written to its log: one line of JSON a request, unless quiet. */
  log() {
    return this.written.text
  }

  async stop() {
    await end(this.process)
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Ends a process, and waits until it has. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5000)
  child.ref()
  await gone
  clearTimeout(late)
}

/**
 * The command line. Folders are resolved here, because polylink runs in an empty
 * folder: a config.yaml of somebody else's is none of its business.
 */
function commandLine(o) {
  const args = ['serve', '--addr', o.addr || '127.0.0.1:0', '--ports', '--until-eof', '--log-format', 'json']
  for (const name of ['config', 'mappings', 'fixtures', 'scenarios']) if (o[name]) args.push(`--${name}`, path.resolve(o[name]))
  if (o.quiet !== false) args.push('--quiet')
  return args.concat(o.args || [])
}

/** The addresses in what polylink prints: its own, and one for each dialect. */
function addresses(text) {
  const own = /^polylink listens on (\S+)$/m.exec(text)
  if (!own || !text.endsWith('\n')) return null
  const ports = {}
  for (const [, name, url] of text.matchAll(/^([a-z0-9-]+) {2}(https?:\S+)$/gm)) ports[name] = url
  return { url: own[1], ports }
}

/** Waits until a child has printed its addresses; fails where it ends or is late. */
function opened(child, written, timeout) {
  return new Promise((done, failed) => {
    let text = ''
    const stop = (err, value) => {
      clearTimeout(timer)
      child.stdout.removeListener('data', read)
      child.removeListener('error', broken)
      child.removeListener('exit', ended)
      child.stdout.resume()
      if (err) failed(err)
      else done(value)
    }
    const read = (part) => {
      text += part
      const at = addresses(text)
      if (at) stop(null, at)
    }
    const broken = (err) => stop(new Error(`polylink: ${err.message}; POLYLINK_BIN names the polylink binary`))
    const ended = (code, signal) => stop(new Error(`polylink ended with ${signal || code} before it listened: ${written.text.trim()}`))
    const timer = setTimeout(() => stop(new Error(`polylink did not listen within ${timeout} ms: ${written.text.trim()}`)), timeout)
    child.stdout.setEncoding('utf8').on('data', read)
    child.on('error', broken)
    child.on('exit', ended)
  })
}

/**
 * Starts a polylink of its own on free ports, and returns when it is ready.
 * It ends with stop, and at the latest with this process.
 */
async function start(options = {}) {
  const o = { timeout: 20000, ...options }
  const bin = find(o.bin)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'polylink-'))
  const written = { text: '' }
  const child = spawn(bin, commandLine(o), { cwd: folder, env: { ...process.env, ...o.env }, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
  child.on('error', () => running.delete(child))
  child.on('exit', () => running.delete(child))
  running.add(child)
  watch()
  child.stdin.on('error', () => {}) // it stays open, and ends polylink when this process does, however that is
  child.stderr.setEncoding('utf8').on('data', (part) => {
    written.text = (written.text + part).slice(-KEPT)
  })
  try {
    const at = await opened(child, written, o.timeout)
    await ready(at.url, o.timeout)
    const server = new Own(child, written, folder, at.url, at.ports, await dialectsAt(at.url, o.token), o.token)
    for (const part of [child, child.stdin, child.stdout, child.stderr]) if (part.unref) part.unref() // it does not keep a test run alive
    return server
  } catch (err) {
    if (child.pid !== undefined) await end(child)
    fs.rmSync(folder, { recursive: true, force: true })
    throw err
  }
}

/** Waits until polylink says that it is ready. */
async function ready(url, timeout) {
  const late = Date.now() + timeout
  for (;;) {
    try {
      return await call(url, 'GET', '/ready')
    } catch (err) {
      if (Date.now() > late) throw err
      await new Promise((next) => setTimeout(next, 10))
    }
  }
}

module.exports = { start }
