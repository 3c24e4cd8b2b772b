package bench

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"
)

// Link is a payment link as the API shows it.
type Link struct {
	ID                 string          `json:"id"`
	Title              string          `json:"title"`
	Description        *string         `json:"description"`
	URL                string          `json:"url"`
	LinkType           string          `json:"linkType"`
	Status             string          `json:"status"`
	Amount             *amount         `json:"amount"`
	Currency           string          `json:"currency"`
	RecurringType      string          `json:"recurringType"`
	WalletID           *string         `json:"walletId"`
	AppID              *string         `json:"appId"`
	CreatedAt          string          `json:"createdAt"`
	ExpirationDate     *string         `json:"expiration_date"`
	CoverImage         *string         `json:"coverImage"`
	PaymentForID       *string         `json:"paymentForId"`
	CustomerID         *string         `json:"customerId"`
	TaxID              *string         `json:"taxId"`
	AllowQuantity      bool            `json:"allowQuantityAdjustment"`
	CollectTax         bool            `json:"collectTax"`
	CollectAddress     bool            `json:"collectAddress"`
	RequirePhoneNumber bool            `json:"requirePhoneNumber"`
	LimitPayments      bool            `json:"limitPayments"`
	MaxPayments        *int64          `json:"maxPayments"`
	AllowBusinessTaxID bool            `json:"allowBusinessTaxId"`
	AllowMobilePayment bool            `json:"allowMobilePayment"`
	AllowCryptoPayment bool            `json:"allowCryptoPayment"`
	ConfirmationPage   string          `json:"confirmationPage"`
	CreateInvoicePdf   bool            `json:"createInvoicePdf"`
	IsForAllProduct    bool            `json:"isForAllProduct"`
	CustomFields       json.RawMessage `json:"customFields"`
	Products           []Product       `json:"paymentLinkProducts,omitempty"`
}

// Product is a line of a link.
type Product struct {
	ProductID string `json:"productId"`
	Quantity  int64  `json:"quantity"`
}

// settle works out what is looked at again and again.
func (s *stored) settle() {
	s.due = false
	if s.link.ExpirationDate != nil {
		at, err := time.Parse(time.RFC3339, *s.link.ExpirationDate)
		s.expires, s.due = at, err == nil
	}
}

// shown is the link as it is at a time.
func (s *stored) shown(now time.Time) *Link {
	if s.due && s.link.Status == "ACTIVE" && !now.Before(s.expires) {
		l := s.link
		l.Status = "EXPIRED"
		return &l
	}
	return &s.link
}

// update is the body of a PUT.
type update struct {
	ID                 opt[string]          `json:"id"`
	Title              opt[string]          `json:"title"`
	Description        opt[string]          `json:"description"`
	URL                opt[string]          `json:"url"`
	LinkType           opt[string]          `json:"linkType"`
	Amount             opt[amount]          `json:"amount"`
	Currency           opt[string]          `json:"currency"`
	RecurringType      opt[string]          `json:"recurringType"`
	WalletID           opt[string]          `json:"walletId"`
	AppID              opt[string]          `json:"appId"`
	CreatedAt          opt[string]          `json:"createdAt"`
	ExpirationDate     opt[string]          `json:"expiration_date"`
	CoverImage         opt[string]          `json:"coverImage"`
	PaymentForID       opt[string]          `json:"paymentForId"`
	CustomerID         opt[string]          `json:"customerId"`
	TaxID              opt[string]          `json:"taxId"`
	AllowQuantity      opt[bool]            `json:"allowQuantityAdjustment"`
	CollectTax         opt[bool]            `json:"collectTax"`
	CollectAddress     opt[bool]            `json:"collectAddress"`
	RequirePhoneNumber opt[bool]            `json:"requirePhoneNumber"`
	LimitPayments      opt[bool]            `json:"limitPayments"`
	MaxPayments        opt[int64]           `json:"maxPayments"`
	AllowBusinessTaxID opt[bool]            `json:"allowBusinessTaxId"`
	AllowMobilePayment opt[bool]            `json:"allowMobilePayment"`
	AllowCryptoPayment opt[bool]            `json:"allowCryptoPayment"`
	ConfirmationPage   opt[string]          `json:"confirmationPage"`
	CreateInvoicePdf   opt[bool]            `json:"createInvoicePdf"`
	IsForAllProduct    opt[bool]            `json:"isForAllProduct"`
	CustomFields       opt[json.RawMessage] `json:"customFields"`
	Products           opt[[]Product]       `json:"paymentLinkProducts"`
}

var (
	currencies = []string{"usdc", "eurc"}
	intervals  = []string{"ONE_TIME", "WEEKLY", "BI_WEEKLY", "MONTHLY", "BI_MONTHLY", "QUARTERLY", "ANNUALLY"}
	pages      = []string{"SHOW", "REDIRECT"}
)

// faults are the messages of a refused body, in the order of the fields.
type faults []string

func (fs *faults) add(format string, args ...any) { *fs = append(*fs, fmt.Sprintf(format, args...)) }

// apply writes the update into a link and returns what is wrong with it.
// exists tells whether the account has a record of a kind.
func (in *update) apply(l *Link, exists func(kind, id string) bool) faults {
	var fs faults
	frozen := func(name string, o opt[string], is string) {
		if o.set && (o.null || o.bad || o.v != is) {
			fs.add("%s cannot be changed", name)
		}
	}
	frozen("id", in.ID, l.ID)
	in.title(l, &fs)
	in.Description.text(&l.Description, "description", 500, "Description cannot exceed 500 characters", &fs)
	frozen("url", in.URL, l.URL)
	frozen("linkType", in.LinkType, l.LinkType)
	in.money(l, &fs)
	in.Currency.oneOf(&l.Currency, "currency", currencies, &fs)
	in.RecurringType.oneOf(&l.RecurringType, "recurringType", intervals, &fs)
	in.WalletID.reference(&l.WalletID, "walletId", "Wallet", exists, &fs)
	frozen("appId", in.AppID, deref(l.AppID))
	frozen("createdAt", in.CreatedAt, l.CreatedAt)
	in.expiry(l, &fs)
	in.image(l, &fs)
	in.PaymentForID.text(&l.PaymentForID, "paymentForId", 500, "paymentForId must be at most 500 characters long", &fs)
	in.CustomerID.reference(&l.CustomerID, "customerId", "Customer", exists, &fs)
	in.TaxID.reference(&l.TaxID, "taxId", "Tax", exists, &fs)
	if l.taxWanted(in) && l.TaxID == nil && !in.TaxID.set {
		fs.add("Tax ID is required when tax collection is enabled")
	}
	flag(in.AllowQuantity, &l.AllowQuantity, "allowQuantityAdjustment", &fs)
	flag(in.CollectTax, &l.CollectTax, "collectTax", &fs)
	flag(in.CollectAddress, &l.CollectAddress, "collectAddress", &fs)
	flag(in.RequirePhoneNumber, &l.RequirePhoneNumber, "requirePhoneNumber", &fs)
	flag(in.LimitPayments, &l.LimitPayments, "limitPayments", &fs)
	in.most(l, &fs)
	flag(in.AllowBusinessTaxID, &l.AllowBusinessTaxID, "allowBusinessTaxId", &fs)
	flag(in.AllowMobilePayment, &l.AllowMobilePayment, "allowMobilePayment", &fs)
	flag(in.AllowCryptoPayment, &l.AllowCryptoPayment, "allowCryptoPayment", &fs)
	in.ConfirmationPage.oneOf(&l.ConfirmationPage, "confirmationPage", pages, &fs)
	flag(in.CreateInvoicePdf, &l.CreateInvoicePdf, "createInvoicePdf", &fs)
	flag(in.IsForAllProduct, &l.IsForAllProduct, "isForAllProduct", &fs)
	in.custom(l, &fs)
	in.products(l, exists, &fs)
	return fs
}

// taxWanted tells whether tax is collected after the update.
func (l *Link) taxWanted(in *update) bool {
	if in.CollectTax.set && !in.CollectTax.bad {
		return in.CollectTax.v
	}
	return l.CollectTax
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (in *update) title(l *Link, fs *faults) {
	if o := in.Title; o.set {
		switch n := utf8.RuneCountInString(o.v); {
		case o.null, o.bad:
			fs.add("Title must be a string")
		case n < 3:
			fs.add("Title must be at least 3 characters long")
		case n > 100:
			fs.add("Title cannot exceed 100 characters")
		default:
			l.Title = o.v
		}
	}
}

func (in *update) money(l *Link, fs *faults) {
	if o := in.Amount; o.set {
		switch {
		case o.null:
			l.Amount = nil
		case o.bad:
			fs.add("Amount must be a positive number")
		case o.v < 10_000:
			fs.add("Amount must be at least 0.01")
		default:
			l.Amount = &o.v
		}
	}
}

func (in *update) expiry(l *Link, fs *faults) {
	if o := in.ExpirationDate; o.set {
		at, err := time.Parse(time.RFC3339, o.v)
		switch {
		case o.null:
			l.ExpirationDate = nil
		case o.bad, err != nil:
			fs.add("expiration_date must be a date and time in ISO 8601 format")
		default:
			shown := at.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
			l.ExpirationDate = &shown
		}
	}
}

func (in *update) image(l *Link, fs *faults) {
	if o := in.CoverImage; o.set {
		u, err := url.Parse(o.v)
		switch {
		case o.null:
			l.CoverImage = nil
		case o.bad:
			fs.add("coverImage must be a URL")
		case len(o.v) > 2048:
			fs.add("coverImage must be at most 2048 characters long")
		case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
			fs.add("coverImage must be a URL address")
		default:
			l.CoverImage = &o.v
		}
	}
}

func (in *update) most(l *Link, fs *faults) {
	if o := in.MaxPayments; o.set {
		switch {
		case o.null:
			l.MaxPayments = nil
		case o.bad:
			fs.add("maxPayments must be a whole number")
		case o.v < 1:
			fs.add("maxPayments must not be less than 1")
		default:
			l.MaxPayments = &o.v
		}
	}
	if l.LimitPayments && l.MaxPayments == nil && (!in.MaxPayments.set || in.MaxPayments.null) {
		fs.add("Max payments must be specified and greater than 0 when limiting payments")
	}
}

func (in *update) custom(l *Link, fs *faults) {
	if o := in.CustomFields; o.set {
		switch {
		case o.null:
			l.CustomFields = nil
		case o.v[0] != '{':
			fs.add("customFields must be an object")
		default:
			l.CustomFields = o.v
		}
	}
}

func (in *update) products(l *Link, exists func(kind, id string) bool, fs *faults) {
	o := in.Products
	if !o.set {
		return
	}
	if o.null || o.bad {
		fs.add("Payment link products must be an array")
		return
	}
	for i, p := range o.v {
		switch {
		case p.ProductID == "":
			fs.add("Product %d: Product ID is required", i+1)
		case p.Quantity < 1:
			fs.add("Product %d: Quantity must be a positive number", i+1)
		case !exists("product", p.ProductID):
			fs.add("Product with ID %s not found", p.ProductID)
		}
	}
	l.Products = o.v
}
