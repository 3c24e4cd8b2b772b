package checkout

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/record"
)

var (
	sessionLink  = record.Sessions.MustSlot("link")
	sessionMode  = record.Sessions.MustSlot("mode")
	sessionBuyer = record.Sessions.MustSlot("customer")
	sessionEmail = record.Sessions.MustSlot("customer_email")
	sessionRef   = record.Sessions.MustSlot("reference")
	linkMode     = record.Links.MustSlot("mode")
	linkBuyer    = record.Links.MustSlot("customer")
	linkEmail    = record.Links.MustSlot("customer_email")
	linkRef      = record.Links.MustSlot("reference")
)

// Open is the state of a session in which nothing has come of it yet.
const Open = "open"

// Session is a session of a link as a visit begins it: open, with what there is
// to pay. e.Link is the link, and the resource makes ids.
func Session(res *dialect.Resource, e *dialect.Env, find Find) *record.Record {
	link := e.Link
	return lifecycle.Make(res, e, func(it *record.Record) {
		it.Set(record.SlotStatus, record.Quote(Open))
		it.Set(record.SlotAccount, link.Get(record.SlotAccount))
		it.Set(record.SlotLive, link.Get(record.SlotLive))
		it.Set(sessionLink, link.Get(record.SlotID))
		it.Set(sessionMode, link.Get(linkMode))
		it.Set(sessionBuyer, link.Get(linkBuyer))
		it.Set(sessionEmail, link.Get(linkEmail))
		it.Set(sessionRef, link.Get(linkRef))
		Of(link, 0, find).Keep(it)
	})
}
