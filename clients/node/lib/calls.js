'use strict'

const http = require('node:http')
const https = require('node:https')

/** What polylink refused, in its own words. */
class PolylinkError extends Error {
  constructor(message, status, problem) {
    super(message)
    this.name = 'PolylinkError'
    this.status = status
    this.problem = problem
  }
}

/**
 * Sends one request to the control API and returns what was answered, decoded.
 * It uses node:http, which is there in every test environment: jsdom has no fetch.
 */
function call(base, method, path, body, token) {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const url = new URL(base + '/__admin' + path)
  const headers = { accept: 'application/json' }
  if (text !== undefined) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = Buffer.byteLength(text)
  }
  if (token) headers.authorization = `Bearer ${token}`
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, { method, headers, agent: false }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const data = Buffer.concat(parts).toString()
        let value
        try {
          value = data === '' ? undefined : JSON.parse(data)
        } catch {
          value = data
        }
        if (answer.statusCode < 300) return resolve(value)
        const why = value && value.detail ? `${value.title}: ${value.detail}` : data
        reject(new PolylinkError(`polylink: ${method} ${path}: ${answer.statusCode} ${why}`, answer.statusCode, value))
      })
    })
    request.on('error', (err) => reject(new PolylinkError(`polylink: ${method} ${url}: ${err.message}`, 0, undefined)))
    request.end(text)
  })
}

/** A query of the members that are there. */
function query(members) {
  const q = new URLSearchParams()
  for (const [name, value] of Object.entries(members || {})) if (value !== undefined) q.append(name, String(value))
  const text = q.toString()
  return text && '?' + text
}

module.exports = { call, query, PolylinkError }
