package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/webhook"
)

// endpoints are the configuration's, as deliveries call them.
func endpoints(c *config.Config) []dispatch.Endpoint {
	out := make([]dispatch.Endpoint, len(c.Webhooks.Endpoints))
	for i, w := range c.Webhooks.Endpoints {
		out[i] = dispatch.Endpoint{Dialect: w.Dialect, URL: w.URL, Events: w.Events}
		for _, s := range w.Secrets {
			out[i].Secrets = append(out[i].Secrets, s.Reveal())
		}
	}
	return out
}

// webhooksOf says what is wrong with the section webhooks.
func webhooksOf(c *config.Config, set *dialect.Set) (wrong config.Diagnostics) {
	if _, err := webhook.ParseTargets(c.Webhooks.Allow); err != nil {
		wrong = append(wrong, config.Diagnostic{Key: "webhooks.allow", Msg: err.Error()})
	}
	for i, e := range endpoints(c) {
		if err := e.Check(set); err != nil {
			at := c.Webhooks.Endpoints[i].At
			wrong = append(wrong, config.Diagnostic{File: at.File, Line: at.Line, Col: at.Col, Key: "webhooks.endpoints", Msg: err.Error()})
		}
	}
	return wrong
}

// deliveries are the metrics of webhooks.
func (p *process) deliveries() (out []prometheus.Collector) {
	counter := func(name, help string, labels prometheus.Labels, value func(webhook.Counts) uint64) {
		out = append(out, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels},
			func() float64 { return float64(value(p.webhooks.Counts())) }))
	}
	counter("polylink_delivery_attempts_total", "Calls of webhook receivers.", nil, func(c webhook.Counts) uint64 { return c.Attempts })
	ended := func(how string, value func(webhook.Counts) uint64) {
		counter("polylink_deliveries_total", "Deliveries of webhooks that have ended, by how.", prometheus.Labels{"status": how}, value)
	}
	ended(string(webhook.Delivered), func(c webhook.Counts) uint64 { return c.Delivered })
	ended(string(webhook.Failed), func(c webhook.Counts) uint64 { return c.Failed })
	ended(string(webhook.Dropped), func(c webhook.Counts) uint64 { return c.Dropped })
	return out
}

// dispatcher makes what delivers the events of all sandboxes.
func (p *process) dispatcher(budget *memory.Budget) (*dispatch.Dispatcher, error) {
	c := &p.config
	targets, err := webhook.ParseTargets(c.Webhooks.Allow)
	if err != nil {
		return nil, err
	}
	return dispatch.New(dispatch.Options{
		Set: func() *dialect.Set { return p.server.Set() }, Endpoints: endpoints(c), Targets: targets, Shared: c.Links == config.LinksShared,
		Base: p.base, Memory: budget, Log: p.log,
	}), nil
}

// base is where the dialects are reached, "" before anybody listens.
func (p *process) base() string {
	if len(p.listeners) == 0 {
		return ""
	}
	return "http://" + p.listeners[0].ln.Addr().String()
}

// deliver gives deliveries that are due the time until ctx ends, and no more
// than patience where it has no end.
func (p *process) deliver(ctx context.Context) {
	if _, ends := ctx.Deadline(); !ends {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(patience, time.Second))
		defer cancel()
	}
	p.webhooks.Drain(ctx)
}
