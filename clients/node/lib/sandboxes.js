'use strict'

const { call, query } = require('./calls.js')
const { receive } = require('./receivers.js')

const escape = encodeURIComponent

/** A time as the control API takes it. */
const time = (at) => (at instanceof Date ? at.toISOString() : at)

/** One sandbox of a server: all that a test moves in it. */
class Sandbox {
  constructor(server, name) {
    this.name = name
    this.url = `${server.url}/~${name}`
    this.server = server
    this.receivers = []
    const ask = (method, path, body) => call(this.url, method, path, body, server.token)
    this.ask = ask

    this.clock = {
      get: () => ask('GET', '/clock'),
      set: (to) => ask('PUT', '/clock', { ...to, ...(to && 'now' in to ? { now: time(to.now) } : {}) }),
      freeze: (at) => ask('PUT', '/clock', at === undefined ? { frozen: true } : { now: time(at), frozen: true }),
      realTime: () => ask('PUT', '/clock', { now: null }),
      advance: async (by) => (await ask('POST', '/clock/advance', { by: typeof by === 'number' ? `${by}ms` : by })).effects,
    }
    this.requests = {
      list: async (filter) => (await ask('GET', '/requests' + query(filter))).requests,
      get: (n) => ask('GET', `/requests/${escape(n)}`),
      explain: (n) => ask('GET', `/requests/${escape(n)}/explain`),
      unmatched: async () => (await ask('GET', '/requests/unmatched')).requests,
      count: async (filter) => (await ask('POST', '/requests/count', filter || {})).count,
      verify: async (times, filter) => {
        await ask('POST', '/requests/count', { ...filter, times })
      },
      clear: async () => {
        await ask('DELETE', '/requests')
      },
    }
    this.faults = {
      add: (fault) => ask('POST', '/faults', fault),
      list: async () => (await ask('GET', '/faults')).faults,
      remove: async (id) => {
        await ask('DELETE', `/faults/${escape(id)}`)
      },
      clear: async () => {
        await ask('DELETE', '/faults')
      },
    }
    this.scenarios = {
      start: (scenario) => ask('POST', `/scenarios/${escape(scenario)}`),
      list: async () => (await ask('GET', '/scenarios')).scenarios,
      stop: async (scenario) => {
        await ask('DELETE', `/scenarios/${escape(scenario)}`)
      },
    }
    const move = (what) => (dialect, id, visit) => ask('POST', `/links/${escape(dialect)}/${escape(id)}/${what}`, visit)
    this.links = {
      list: async (filter) => (await ask('GET', '/links' + query(filter))).links,
      get: (dialect, id) => ask('GET', `/links/${escape(dialect)}/${escape(id)}`),
      complete: move('complete'),
      fail: move('fail'),
      cancel: move('cancel'),
      expire: move('expire'),
    }
    const add = (endpoint) => ask('POST', '/webhooks', endpoint)
    this.webhooks = {
      add,
      list: async () => (await ask('GET', '/webhooks')).webhooks,
      remove: async (id) => {
        await ask('DELETE', `/webhooks/${escape(id)}`)
      },
      receive: async (dialect, ...events) => {
        const receiver = await receive(add, dialect, events)
        this.receivers.push(receiver)
        return receiver
      },
      deliveries: async (filter) => (await ask('GET', '/deliveries' + query(filter))).deliveries,
      wait: async (what) => (await ask('POST', '/deliveries/wait', what)).deliveries,
      resend: (id) => ask('POST', `/deliveries/${escape(id)}/resend`),
      fire: (event) => ask('POST', '/events', event),
    }
  }

  /** The base URL of a dialect, in place of the provider's. */
  dialect(name) {
    return `${this.url}/${this.server.known(name)}`
  }

  /** An API key that leads to this sandbox, where only the key can be set. */
  key(key) {
    return `${key}~${this.name}`
  }

  /** The sandbox as it was made: fixtures, clock and journal. */
  async reset() {
    await this.ask('POST', '/reset')
  }

  /** Another sandbox that begins as this one is now. */
  async fork(name = this.server.nextName()) {
    await this.ask('POST', `/sandboxes/${escape(this.name)}/fork`, { name })
    return new Sandbox(this.server, name)
  }

  /** The whole of it as one document. */
  snapshot() {
    return this.ask('GET', '/snapshot')
  }

  /** Replaces it by a document that snapshot gave. */
  async restore(snapshot) {
    await this.ask('PUT', '/snapshot', snapshot)
  }

  /** The audit trail, newest first. */
  async audit() {
    return (await this.ask('GET', '/audit')).audit
  }

  /** Drops the sandbox and closes its receivers. */
  async remove() {
    await Promise.all(this.receivers.splice(0).map((receiver) => receiver.close()))
    try {
      await this.ask('DELETE', `/sandboxes/${escape(this.name)}`)
    } catch (err) {
      if (err.status !== 404) throw err
    }
  }
}

module.exports = { Sandbox }
