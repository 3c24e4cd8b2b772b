package routes

import (
	"context"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/sandbox"
)

// Metrics are the counters of a Server. Their labels are dialect, operation
// and status: never a path, an id or a sandbox. Status is the number that was
// answered, 0 where a connection ended without an answer.
type Metrics struct {
	registry prometheus.Registerer
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec

	mu    sync.RWMutex
	known map[labels]*series // so that they are looked up once
}

// labels tell series apart.
type labels struct {
	dialect, operation string
	status             int
}

// series is what one kind of exchange counts towards.
type series struct {
	requests prometheus.Counter
	latency  prometheus.Observer
}

func (m *Metrics) series(d, op string, status int) *series {
	of := labels{d, op, status}
	m.mu.RLock()
	s := m.known[of]
	m.mu.RUnlock()
	if s == nil {
		s = &series{m.requests.WithLabelValues(d, op, strconv.Itoa(status)), m.latency.WithLabelValues(d, op)}
		m.mu.Lock()
		m.known[of] = s
		m.mu.Unlock()
	}
	return s
}

// NewMetrics makes the counters and registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		registry: reg, known: map[labels]*series{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "polylink_requests_total", Help: "Requests answered, by dialect, operation and status.",
		}, []string{"dialect", "operation", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "polylink_request_duration_seconds", Help: "Time to answer a request, by dialect and operation.",
			Buckets: []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1, 5},
		}, []string{"dialect", "operation"}),
	}
	reg.MustRegister(m.requests, m.latency)
	return m
}

// follow shows how many sandboxes there are, what went for want of room, and the
// memory budget. Of several servers on one registry the first is shown.
func (m *Metrics) follow(worlds *sandbox.Sandboxes) {
	if m == nil {
		return
	}
	gauge := func(name, help string, labels prometheus.Labels, value func() int64) {
		_ = m.registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels},
			func() float64 { return float64(value()) }))
	}
	counter := func(name, help string, value func() int64) {
		_ = m.registry.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) }))
	}
	counts, budget := worlds.Counts(), worlds.Memory()
	gauge("polylink_sandboxes", "Sandboxes there are.", nil, func() int64 { return int64(worlds.Len()) })
	counter("polylink_sandboxes_evicted_total", "Sandboxes that went for want of room or use.", counts.Sandboxes.Load)
	counter("polylink_evicted_journal_entries_total", "Journal entries that went for want of room.", counts.Entries.Load)
	counter("polylink_evicted_answers_total", "Answers kept under idempotency keys that went before their time.", counts.Answers.Load)
	counter("polylink_evicted_events_total", "Events that went for want of memory.", counts.Events.Load)
	counter("polylink_evicted_audit_entries_total", "Entries of audit trails that went for want of memory.", counts.Audits.Load)
	counter("polylink_evicted_limit_keys_total", "Counters of rate limits that went before their time.", counts.LimitKeys.Load)
	counter("polylink_memory_refused_total", "Requests that found no room in the memory budget.", counts.Refused.Load)
	gauge("polylink_memory_limit_bytes", "The memory budget, limits.memory; 0 is none.", nil, budget.Limit)
	for _, kind := range memory.Kinds() {
		gauge("polylink_memory_bytes", "What is kept in the memory budget, by kind.", prometheus.Labels{"kind": kind.String()},
			func() int64 { return budget.Used(kind) })
	}
}

// none stands in labels and logs for a dialect or an operation that was not
// found.
const none = "none"

// observe counts an exchange, hands it to who follows, and logs it; found are the ids of the records that
// its path names.
func (s *Server) observe(ctx context.Context, e *journal.Entry, found ...string) {
	d, op := e.Dialect, e.Operation
	if d == "" {
		d = none
	}
	if op == "" {
		op = none
	}
	if m := s.opts.Metrics; m != nil {
		series := m.series(d, op, e.Status)
		series.requests.Inc()
		series.latency.Observe(e.Took.Seconds())
	}
	s.worlds.Feed().Publish(e)
	s.logRequest(ctx, e, found)
}
