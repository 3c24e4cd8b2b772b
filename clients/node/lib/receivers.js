'use strict'

const http = require('node:http')
const { randomBytes } = require('node:crypto')

/** How many deliveries a receiver keeps. */
const MOST = 1000

/**
 * Opens a receiver of webhooks on a free port of this machine. What arrives is
 * kept as it came: the raw text is what an SDK's verifier needs.
 */
async function receive(add, dialect, events) {
  const secret = 'whsec_' + randomBytes(24).toString('hex')
  const heard = []
  const waiting = new Set()
  let status = 200
  const server = http.createServer((request, answer) => {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('error', () => {})
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      let body
      try {
        body = JSON.parse(text)
      } catch {
        body = undefined
      }
      if (heard.length < MOST) heard.push({ headers: request.headers, text, body })
      answer.statusCode = status
      answer.end()
      for (const look of [...waiting]) look()
    })
  })
  await new Promise((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done))
  server.unref()
  const url = `http://127.0.0.1:${server.address().port}`
  try {
    await add({ dialect, url, secret, ...(events && events.length > 0 ? { events } : {}) })
  } catch (err) {
    server.close()
    throw err
  }
  return {
    url,
    secret,
    deliveries: heard,
    /** Answers with a status from now on. */
    answer(next) {
      status = next
    },
    /** Waits until so many have arrived in all, and returns them. */
    wait(n = 1, timeout = 10000) {
      return new Promise((done, failed) => {
        const look = () => {
          if (heard.length < n) return
          clearTimeout(timer)
          waiting.delete(look)
          done(heard.slice(0, n))
        }
        const timer = setTimeout(() => {
          waiting.delete(look)
          failed(new Error(`polylink: within ${timeout} ms ${heard.length} of ${n} webhooks of ${dialect} came; see sandbox.webhooks.deliveries()`))
        }, timeout)
        waiting.add(look)
        look()
      })
    },
    close() {
      return new Promise((done) => {
        server.close(() => done())
        if (server.closeAllConnections) server.closeAllConnections()
      })
    },
  }
}

module.exports = { receive }
