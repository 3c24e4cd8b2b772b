package record

import (
	"fmt"
	"sort"
	"strings"
)

// Type says what the canonical JSON text in a slot looks like.
type Type uint8

// The types of slots.
const (
	Text  Type = iota // a JSON string
	Bool              // true or false
	Int               // an integer number, any size
	Money             // an integer number of minor units of the record's currency
	Time              // a JSON string, RFC 3339 in UTC with the digits it needs
	Enum              // a JSON string out of SlotInfo.Values
	Map               // a JSON object of the client's own keys
	List              // a JSON array
	Any               // any JSON value, kept verbatim
)

var typeNames = [...]string{"text", "bool", "int", "money", "time", "enum", "map", "list", "any"}

func (t Type) String() string { return typeNames[t] }

// Slot is a place in a Record: an index into its Schema.
type Slot int

// The slots that every kind has, at the same place in each, because the
// engine itself reads them.
const (
	SlotID       Slot = iota // the id on the wire of the origin dialect
	SlotStatus               // lifecycle state
	SlotAccount              // id of the account that owns the record
	SlotLive                 // true in live mode, false in test mode
	SlotCreated              // when it was made
	SlotUpdated              // when it last changed
	SlotExpires              // when it stops being active by itself
	SlotParent               // id of the record it belongs to
	SlotMetadata             // the client's own keys
	SlotVersion              // how often it was written, from 1
	commonSlots              // number of the above
)

// SlotInfo declares one slot.
type SlotInfo struct {
	Name   string // dotted, as mapping files and documents spell it
	Type   Type
	Values []string // of an Enum: the canonical words
	Doc    string   // one line for the reference
}

// Schema is the ordered list of slots of one kind of record. It is made at
// start-up and never changes.
type Schema struct {
	Kind  string // also the name of its table
	Slots []SlotInfo
	byKey map[string]Slot
}

// Slot looks a slot up by name.
func (s *Schema) Slot(name string) (Slot, bool) {
	i, ok := s.byKey[name]
	return i, ok
}

// MustSlot is the slot of a name that the model is known to have.
func (s *Schema) MustSlot(name string) Slot {
	slot, ok := s.Slot(name)
	if !ok {
		panic("record: no slot " + name + " in " + s.Kind)
	}
	return slot
}

// Names lists the slots in order.
func (s *Schema) Names() []string {
	names := make([]string, len(s.Slots))
	for i, slot := range s.Slots {
		names[i] = slot.Name
	}
	return names
}

// Schemas returns every kind, by name.
func Schemas() map[string]*Schema { return schemas }

// Kinds lists the kinds in alphabetical order.
func Kinds() []string {
	kinds := make([]string, 0, len(schemas))
	for k := range schemas {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	return kinds
}

var schemas = map[string]*Schema{}

// intervals are the ways in which something recurs.
var intervals = []string{"none", "day", "week", "two_weeks", "month", "two_months", "quarter", "year"}

// schema registers a kind: the common slots with the given states, then its
// own. A mistake here is a programming error and stops the program.
func schema(kind string, states []string, own ...SlotInfo) *Schema {
	s := &Schema{Kind: kind, byKey: map[string]Slot{}}
	s.Slots = append([]SlotInfo{
		SlotID:       {"id", Text, nil, "id in the dialect that made it"},
		SlotStatus:   {"status", Enum, states, "lifecycle state"},
		SlotAccount:  {"account", Text, nil, "account that owns it"},
		SlotLive:     {"livemode", Bool, nil, "live or test mode"},
		SlotCreated:  {"created_at", Time, nil, "when it was made"},
		SlotUpdated:  {"updated_at", Time, nil, "when it last changed"},
		SlotExpires:  {"expires_at", Time, nil, "when it expires by itself"},
		SlotParent:   {"parent", Text, nil, "id of the record it belongs to"},
		SlotMetadata: {"metadata", Map, nil, "the client's own keys and values"},
		SlotVersion:  {"version", Int, nil, "how often it was written: 1 when it is made, one more with each change"},
	}, own...)
	for i, slot := range s.Slots {
		if _, twice := s.byKey[slot.Name]; twice {
			panic(fmt.Sprintf("record: kind %s has two slots named %q", kind, slot.Name))
		}
		for other := range s.byKey {
			if strings.HasPrefix(slot.Name, other+".") || strings.HasPrefix(other, slot.Name+".") {
				panic(fmt.Sprintf("record: kind %s: slot %q is inside slot %q", kind, slot.Name, other))
			}
		}
		s.byKey[slot.Name] = Slot(i)
	}
	s.together()
	schemas[kind] = s
	return s
}

// together checks that slots of one object stand together, so that documents
// can be written in one pass.
func (s *Schema) together() {
	done, last := map[string]bool{}, ""
	for _, slot := range s.Slots {
		outer, _, _ := strings.Cut(slot.Name, ".")
		if outer != last && done[outer] {
			panic(fmt.Sprintf("record: kind %s: the slots of %q do not stand together", s.Kind, outer))
		}
		done[outer], last = true, outer
	}
}

// The canonical states of a link.
const (
	Active    = "active"
	Inactive  = "inactive"
	Archived  = "archived"
	Completed = "completed"
	Expired   = "expired"
	Revoked   = "revoked"
)

// The kinds of records.
var (
	// Links is the model this project is about: something a person opens to
	// pay, to check out or to be set up.
	Links = schema("link", []string{Active, Inactive, Archived, Completed, Expired, Revoked},
		SlotInfo{"kind", Enum, []string{"payment", "checkout", "setup"}, "what the link is for"},
		SlotInfo{"mode", Enum, []string{"payment", "subscription", "setup", "order"}, "what opening it starts"},
		SlotInfo{"type", Enum, []string{"invoice", "product", "collection", "donation", "subscription"}, "what is sold"},
		SlotInfo{"title", Text, nil, "shown to the buyer"},
		SlotInfo{"description", Text, nil, "longer text"},
		SlotInfo{"image", Text, nil, "URL of a cover image"},
		SlotInfo{"slug", Text, nil, "the readable end of its URL"},
		SlotInfo{"short_id", Text, nil, "the generated end of its URL"},
		SlotInfo{"token", Text, nil, "secret end of its URL, shown once"},
		SlotInfo{"token_last4", Text, nil, "the last four characters of the token"},
		SlotInfo{"amount", Money, nil, "fixed price in minor units"},
		SlotInfo{"currency", Text, nil, "ISO 4217 code or crypto currency, upper case"},
		SlotInfo{"items", List, nil, "line items: price, product, currency, interval, quantity, unit_amount"},
		SlotInfo{"discounts", List, nil, "coupons and promotion codes"},
		SlotInfo{"recurrence", Enum, intervals, "recurring interval"},
		SlotInfo{"trial.days", Int, nil, "free days before the first payment"},
		SlotInfo{"trial.ends_at", Time, nil, "end of the free trial"},
		SlotInfo{"customer", Text, nil, "id of the customer it is for"},
		SlotInfo{"customer_email", Text, nil, "email of the customer it is for"},
		SlotInfo{"transaction", Text, nil, "id of the transaction it pays"},
		SlotInfo{"reference", Text, nil, "the seller's own reference"},
		SlotInfo{"redirect.success", Text, nil, "where the buyer goes after success"},
		SlotInfo{"redirect.failure", Text, nil, "where the buyer goes after failure"},
		SlotInfo{"redirect.cancel", Text, nil, "where the buyer goes after cancelling"},
		SlotInfo{"completion.page", Enum, []string{"message", "redirect"}, "what the buyer sees after success"},
		SlotInfo{"completion.message", Text, nil, "text of the page after success"},
		SlotInfo{"completion.limit", Int, nil, "how many times it can be completed"},
		SlotInfo{"completion.limited", Bool, nil, "whether the limit is on"},
		SlotInfo{"completion.count", Int, nil, "how many times it was completed"},
		SlotInfo{"methods.types", List, nil, "payment method types"},
		SlotInfo{"methods.mobile", Bool, nil, "mobile payments allowed"},
		SlotInfo{"methods.crypto", Bool, nil, "crypto currency payments allowed"},
		SlotInfo{"quantity.adjustable", Bool, nil, "the buyer may change quantities"},
		SlotInfo{"collect.billing_address", Enum, []string{"auto", "required"}, "billing address"},
		SlotInfo{"collect.address", Bool, nil, "postal address"},
		SlotInfo{"collect.shipping", List, nil, "countries that can be shipped to"},
		SlotInfo{"collect.shipping_worldwide", Bool, nil, "ships everywhere"},
		SlotInfo{"collect.phone", Bool, nil, "phone number"},
		SlotInfo{"collect.tax_id", Bool, nil, "the buyer's tax id"},
		SlotInfo{"shipping.options", List, nil, "shipping rates on offer"},
		SlotInfo{"tax.collect", Bool, nil, "tax is added"},
		SlotInfo{"tax.rate", Text, nil, "id of the tax"},
		SlotInfo{"tax.rates", List, nil, "ids of fixed tax rates"},
		SlotInfo{"tax.dynamic_rates", List, nil, "ids of tax rates chosen by address"},
		SlotInfo{"tax.automatic", Bool, nil, "tax computed by the provider"},
		SlotInfo{"custom_fields", Any, nil, "fields the buyer fills in"},
		SlotInfo{"custom_text", Any, nil, "texts on the page"},
		SlotInfo{"submit_type", Enum, []string{"auto", "pay", "book", "donate", "subscribe"}, "label of the button"},
		SlotInfo{"inactive_message", Text, nil, "shown when the link is inactive"},
		SlotInfo{"promotion_codes", Bool, nil, "promotion codes allowed"},
		SlotInfo{"invoice", Bool, nil, "an invoice document is made"},
		SlotInfo{"all_products", Bool, nil, "sells the whole catalogue"},
		SlotInfo{"consumed_at", Time, nil, "when it was used up"},
	)

	// Customers are the people or tenants that links are made for.
	Customers = schema("customer", []string{"pending", Active, "suspended", Archived},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"first_name", Text, nil, "given name"},
		SlotInfo{"last_name", Text, nil, "family name"},
		SlotInfo{"email", Text, nil, "email address"},
		SlotInfo{"phone", Text, nil, "phone number"},
		SlotInfo{"type", Text, nil, "what sort of customer"},
		SlotInfo{"team", Text, nil, "team that manages it"},
		SlotInfo{"internal_id", Text, nil, "id the provider uses inside"},
		SlotInfo{"accounts", List, nil, "accounts it has connected"},
		SlotInfo{"archived_at", Time, nil, "when it was archived"},
		SlotInfo{"address", Any, nil, "postal address"},
	)

	// Transactions are payments that a link can be attached to.
	Transactions = schema("transaction", []string{"pending", Completed, "failed", "cancelled"},
		SlotInfo{"type", Enum, []string{"deposit", "withdrawal"}, "direction"},
		SlotInfo{"amount", Money, nil, "minor units"},
		SlotInfo{"requested_amount", Money, nil, "minor units"},
		SlotInfo{"currency", Text, nil, "currency code, upper case"},
		SlotInfo{"method", Text, nil, "payment method id"},
		SlotInfo{"recipient", Any, nil, "who receives a withdrawal"},
		SlotInfo{"redirect.success", Text, nil, "where the payer goes afterwards"},
	)

	// Products are what is sold.
	Products = schema("product", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"description", Text, nil, "longer text"},
		SlotInfo{"amount", Money, nil, "price in minor units"},
		SlotInfo{"currency", Text, nil, "currency code, upper case"},
		SlotInfo{"images", List, nil, "URLs of pictures"},
		SlotInfo{"default_price", Text, nil, "id of the price used when none is named"},
		SlotInfo{"url", Text, nil, "page about it"},
	)

	// Prices are what a product costs, once or per interval.
	Prices = schema("price", []string{Active, Inactive},
		SlotInfo{"product", Text, nil, "id of the product"},
		SlotInfo{"amount", Money, nil, "minor units"},
		SlotInfo{"currency", Text, nil, "currency code, upper case"},
		SlotInfo{"recurrence", Enum, intervals, "recurring interval"},
		SlotInfo{"nickname", Text, nil, "the seller's own name for it"},
	)

	// Lines are what a link sells, one by one; they live inside their link.
	Lines = schema("line", []string{Active},
		SlotInfo{"price", Text, nil, "id of the price"},
		SlotInfo{"product", Text, nil, "id of the product"},
		SlotInfo{"name", Text, nil, "name of the product"},
		SlotInfo{"description", Text, nil, "longer text"},
		SlotInfo{"quantity", Int, nil, "how many"},
		SlotInfo{"unit_amount", Money, nil, "price of one, in minor units"},
		SlotInfo{"currency", Text, nil, "currency code, upper case"},
		SlotInfo{"interval", Enum, intervals, "recurring interval"},
	)

	// Audits are notes of who changed what.
	Audits = schema("audit", []string{Active},
		SlotInfo{"operation", Text, nil, "operation that made the change"},
		SlotInfo{"credential", Text, nil, "hash of the credential"},
		SlotInfo{"request", Any, nil, "what the request was"},
		SlotInfo{"record", Text, nil, "id of what was changed"},
		SlotInfo{"before", Any, nil, "the record before"},
		SlotInfo{"after", Any, nil, "the record after"},
		SlotInfo{"significant", Bool, nil, "the change counts"},
	)

	// Taxes are percentages a link can add.
	Taxes = schema("tax", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"description", Text, nil, "longer text"},
		SlotInfo{"percentage", Any, nil, "an exact decimal number"},
	)

	// Coupons are discounts that links may name.
	Coupons = schema("coupon", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"percentage", Any, nil, "an exact decimal number"},
		SlotInfo{"amount", Money, nil, "fixed discount in minor units"},
		SlotInfo{"currency", Text, nil, "currency code of a fixed discount, upper case"},
	)

	// Promotions are codes that a buyer types for a coupon.
	Promotions = schema("promotion", []string{Active, Inactive},
		SlotInfo{"code", Text, nil, "what the buyer types"},
		SlotInfo{"coupon", Text, nil, "id of the coupon"},
		SlotInfo{"customer", Text, nil, "id of the one customer that it is for"},
	)

	// Shippings are ways to ship that links may offer.
	Shippings = schema("shipping", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"amount", Money, nil, "price in minor units"},
		SlotInfo{"currency", Text, nil, "currency code, upper case"},
	)

	// Wallets are where a link's payments go.
	Wallets = schema("wallet", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
	)

	// Sessions are visits of a link.
	Sessions = schema("session", []string{"open", Completed, Expired},
		SlotInfo{"link", Text, nil, "id of the link"},
		SlotInfo{"mode", Text, nil, "what it does"},
		SlotInfo{"amount", Money, nil, "total in minor units"},
		SlotInfo{"currency", Text, nil, "currency code, upper case"},
		SlotInfo{"customer", Text, nil, "id of the customer"},
		SlotInfo{"customer_email", Text, nil, "email of the customer"},
		SlotInfo{"paid", Bool, nil, "money has arrived"},
		SlotInfo{"subtotal", Money, nil, "total without discounts and taxes, in minor units"},
		SlotInfo{"items", List, nil, "line items as the buyer saw them"},
		SlotInfo{"outcome", Text, nil, "how the latest payment ended"},
		SlotInfo{"input", Any, nil, "what the buyer typed"},
		SlotInfo{"transaction", Text, nil, "id of the payment"},
		SlotInfo{"reference", Text, nil, "the seller's own reference"},
	)

	// Hooks are webhook endpoints.
	Hooks = schema("hook", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"url", Text, nil, "where events are sent"},
		SlotInfo{"description", Text, nil, "longer text"},
		SlotInfo{"secret", Text, nil, "signing secret"},
		SlotInfo{"secret_id", Text, nil, "id of the signing secret"},
		SlotInfo{"secret_at", Time, nil, "when the signing secret was made"},
		SlotInfo{"secrets", List, nil, "further secrets that sign: texts, or id, secret, created_at and expires_at"},
		SlotInfo{"events", List, nil, "names of the events it hears"},
	)

	// Events are what was told of: one thing that happened, in one dialect's
	// words.
	Events = schema("event", []string{Active},
		SlotInfo{"name", Text, nil, "what the dialect calls it"},
		SlotInfo{"record", Text, nil, "id of the record it is about"},
		SlotInfo{"change", Text, nil, "what happened, such as link.created"},
		SlotInfo{"body", Text, nil, "what receivers are sent, as text"},
		SlotInfo{"triggered", Bool, nil, "it was asked for, and nothing has happened"},
	)

	// Aliases lead from the id that a link has in another dialect to the link,
	// in worlds where links are shared.
	Aliases = schema("alias", []string{Active},
		SlotInfo{"record", Text, nil, "the link it stands for: dialect/id"},
	)

	// Replays are answers kept for requests that are sent again with the same
	// idempotency key.
	Replays = schema("replay", []string{Active},
		SlotInfo{"fingerprint", Text, nil, "hash of the request it answers"},
		SlotInfo{"http_status", Int, nil, "status of the answer"},
		SlotInfo{"headers", Any, nil, "headers of the answer"},
		SlotInfo{"body", Text, nil, "body of the answer"},
	)

	// Accounts are whoever credentials belong to.
	Accounts = schema("account", []string{Active, Inactive},
		SlotInfo{"name", Text, nil, "display name"},
		SlotInfo{"organization", Text, nil, "id the provider shows"},
		SlotInfo{"plan", Text, nil, "plan, which chooses limits"},
		SlotInfo{"team", Text, nil, "first team"},
		SlotInfo{"wallet", Text, nil, "default wallet"},
		SlotInfo{"balance", Money, nil, "money it has, in minor units"},
		SlotInfo{"currency", Text, nil, "currency of the balance, upper case"},
		SlotInfo{"subdomain", Text, nil, "subdomain or alias of its pages"},
		SlotInfo{"platform", Text, nil, "account that it is connected to, whose credentials may act for it"},
	)

	// Credentials are keys; the id is the key, or the first of several.
	Credentials = schema("credential", []string{Active, Revoked, Expired},
		SlotInfo{"secret", Text, nil, "the second of two keys"},
		SlotInfo{"label", Text, nil, "what it is called"},
		SlotInfo{"key_id", Text, nil, "id the provider shows for the key"},
		SlotInfo{"scopes", List, nil, "what it may do; absent is everything"},
		SlotInfo{"refused", Text, nil, "error that every request with it gets"},
		SlotInfo{"gate", Text, nil, "error of operations behind an entitlement"},
	)
)
