'use strict'

const { randomBytes } = require('node:crypto')
const { call } = require('./calls.js')
const { Sandbox } = require('./sandboxes.js')

/** A polylink that answers at an address. */
class Server {
  constructor(url, ports, dialects, token) {
    this.url = url
    this.ports = ports
    this.dialects = dialects
    this.token = token
    this.made = 0
    this.unique = randomBytes(4).toString('hex')
  }

  /** The name of a dialect that is served; anything else is an error. */
  known(name) {
    if (!this.dialects.includes(name)) throw new Error(`polylink: there is no dialect ${JSON.stringify(name)}; there are ${this.dialects.join(', ')}`)
    return name
  }

  nextName() {
    this.made++
    return `node-${this.unique}-${this.made}`
  }

  /** The base URL of a dialect in the default sandbox, for use with sandbox.key. */
  dialect(name) {
    return `${this.url}/${this.known(name)}`
  }

  /**
   * Host, port and protocol of a dialect, for SDKs that take these and no path.
   * The key then chooses the sandbox.
   */
  address(name) {
    const at = this.ports[this.known(name)]
    if (!at) throw new Error(`polylink: ${name} has no port of its own here; start polylink with --ports, or listen: in config.yaml`)
    const url = new URL(at)
    return { host: url.hostname, port: Number(url.port), protocol: url.protocol.slice(0, -1) }
  }

  /**
   * A sandbox: a new one, or that of a name, which is made where it is not
   * there.
   */
  async sandbox(name) {
    const own = name === undefined ? this.nextName() : name
    try {
      await call(this.url, 'POST', '/sandboxes', { name: own }, this.token)
    } catch (err) {
      if (err.status !== 409) throw err // it is there
    }
    return new Sandbox(this, own)
  }

  /** Ends what start began. Here there is nothing of the kind. */
  async stop() {}

  [Symbol.asyncDispose || Symbol.for('Symbol.asyncDispose')]() {
    return this.stop()
  }
}

/** The dialects that are served at an address. */
async function dialectsAt(url, token) {
  return (await call(url, 'GET', '/dialects', undefined, token)).dialects.map((d) => d.name)
}

/**
 * Uses a polylink that runs already, such as the one of a global set-up. Its
 * stop does nothing.
 */
async function connect(url = process.env.POLYLINK_URL || 'http://127.0.0.1:12121', { ports = {}, token } = {}) {
  const base = String(url).replace(/\/+$/, '')
  return new Server(base, ports, await dialectsAt(base, token), token)
}

module.exports = { Server, connect, dialectsAt }
