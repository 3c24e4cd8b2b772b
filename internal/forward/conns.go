package forward

import (
	"bufio"
	"net"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
)

// conn is a connection of which some has been read already.
type conn struct {
	net.Conn
	read *bufio.Reader
}

func (c conn) Read(b []byte) (int, error) {
	if c.read.Buffered() > 0 {
		return c.read.Read(b)
	}
	return c.Conn.Read(b)
}

// CloseWrite ends one direction.
func (c conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// inner is a connection inside a CONNECT request.
type inner struct {
	conn
	host string
}

// AskedFor is the host that the client asked to be connected with.
func (c *inner) AskedFor() string { return c.host }

// NetConn is the connection below.
func (c *inner) NetConn() net.Conn { return c.Conn }

// wait gives both ends of a tunnel their time anew.
func wait(ends ...net.Conn) {
	at := clock.Real().Add(idleTimeout)
	for _, c := range ends {
		_ = c.SetDeadline(at)
	}
}

// queue is a listener for connections that were opened otherwise.
type queue struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue() *queue { return &queue{conns: make(chan net.Conn), done: make(chan struct{})} }

func (q *queue) put(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.done:
		_ = c.Close()
	}
}

// Accept waits for a connection.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

// Close lets Accept return.
func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

// Addr is no address: nobody can dial it.
func (q *queue) Addr() net.Addr { return nowhere{} }

type nowhere struct{}

func (nowhere) Network() string { return "connect" }
func (nowhere) String() string  { return "inside CONNECT" }

// firstBytes is how long is waited for what tells TLS from plain text.
const firstBytes = 10 * time.Second

// Split gives the connections of a listener that begin with a TLS handshake to
// one and the others to another, so that a client may speak plain HTTP inside a
// CONNECT, too. Closing either closes both.
func Split(ln net.Listener) (secure, plain net.Listener) {
	s, p := newQueue(), newQueue()
	both := func(q *queue) net.Listener { return &half{q, ln} }
	go func() {
		defer func() { _, _ = s.Close(), p.Close() }()
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				named, ok := c.(*inner)
				if !ok {
					_ = c.Close()
					return
				}
				_ = c.SetReadDeadline(clock.Real().Add(firstBytes))
				first, err := named.read.Peek(1)
				_ = c.SetReadDeadline(time.Time{})
				switch {
				case err != nil:
					_ = c.Close()
				case first[0] == handshake:
					s.put(c)
				default:
					p.put(c)
				}
			}()
		}
	}()
	return both(s), both(p)
}

// handshake is the first byte of a TLS connection.
const handshake = 0x16

type half struct {
	*queue
	whole net.Listener
}

func (h *half) Close() error {
	_ = h.queue.Close()
	return h.whole.Close()
}
