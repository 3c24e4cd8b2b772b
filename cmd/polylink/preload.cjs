// Moves Node's own https and fetch to the proxy in HTTPS_PROXY. Node follows no
// proxy variable by itself, and SDKs make agents of their own: so this changes
// how those agents connect. It is loaded by NODE_OPTIONS=--require, and written
// by `polylink env`.
'use strict';
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const setting = process.env.HTTPS_PROXY || process.env.https_proxy;
if (setting) {
  const proxy = new URL(setting.includes('://') ? setting : `http://${setting}`);
  const direct = (process.env.NO_PROXY || process.env.no_proxy || '').split(',').map((s) => s.trim().toLowerCase()).filter(Boolean);
  const isDirect = (host) => direct.some((d) => d === '*' || host === d || host.endsWith(d.startsWith('.') ? d : `.${d}`));

  // connect opens a TLS connection to a host through the proxy.
  const connect = (options, done) => {
    const host = String(options.hostname || options.host || options.servername || 'localhost').replace(/^\[|\]$/g, '');
    const port = options.port || 443;
    const to = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
    const request = http.request({ host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || 80, method: 'CONNECT', path: to, headers: { host: to }, agent: false });
    request.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        done(new Error(`the proxy ${proxy.host} answers ${response.statusCode} to CONNECT ${to}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      const servername = options.servername ?? (net.isIP(host) ? '' : host);
      done(null, tls.connect({ ...options, host, port, path: undefined, socket, servername }));
    });
    request.once('response', (response) => {
      response.resume();
      done(new Error(`the proxy ${proxy.host} answers ${response.statusCode} to CONNECT ${to}`));
    });
    request.once('error', done);
    request.end();
  };

  const own = https.Agent.prototype.createConnection;
  https.Agent.prototype.createConnection = function createConnection(options, done, ...rest) {
    const host = options && typeof options === 'object' ? String(options.host || '').toLowerCase() : '';
    if (typeof done !== 'function' || !host || options.socketPath || isDirect(host)) {
      return own.call(this, options, done, ...rest);
    }
    connect(options, done);
    return undefined;
  };

  // fetch keeps its agent under a symbol, from its first use on.
  const agent = Symbol.for('undici.globalDispatcher.1');
  const fetch = globalThis.fetch;
  let moved = !fetch;
  const move = () => {
    moved = true;
    if (!globalThis[agent]) fetch('data:,').catch(() => {});
    const before = globalThis[agent];
    if (!before) return;
    const Agent = before.constructor.name === 'Agent' ? before.constructor : null;
    if (!Agent) return; // somebody has put another one there, who knows what it is for
    globalThis[agent] = new Agent({
      connect(options, done) {
        const host = String(options.hostname || '').toLowerCase();
        if (options.protocol === 'https:' && !isDirect(host)) {
          connect({ hostname: host, port: options.port, servername: options.servername || undefined, ALPNProtocols: ['http/1.1'] }, (err, socket) => {
            if (err) return done(err);
            socket.once('secureConnect', () => done(null, socket)).once('error', done);
          });
          return;
        }
        const port = options.port || (options.protocol === 'https:' ? 443 : 80);
        const socket = options.protocol === 'https:' ? tls.connect({ host, port, servername: options.servername || host }) : net.connect({ host, port });
        socket.once(options.protocol === 'https:' ? 'secureConnect' : 'connect', () => done(null, socket)).once('error', done);
      },
    });
  };
  if (fetch) {
    globalThis.fetch = function (input, init) {
      if (!moved) move();
      return fetch(input, init);
    };
    Object.defineProperty(globalThis.fetch, 'name', { value: 'fetch' });
  }
}
