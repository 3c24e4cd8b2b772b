// Package proxy answers operations by asking a real upstream, in the upstream's
// own dialect.
//
// It is a backend as the mock store is: routes decodes what a client of one
// dialect says, this package says it in the other one (package dialect/client
// has the words), calls, and reads the answer or the refusal back into records
// and codes, which routes encodes. Both come from the two mapping files: no
// pair of providers has code of its own. It promises that nothing is lost
// unsaid, that a credential goes to its own upstream and nowhere else, that an
// answer which is not understood is 502 and a late one 504, and that what it
// cannot tell the outcome of is not done twice. It keeps no records: of links
// it keeps the ids where one cannot be made of the other. Start with
// Backend.Begin, then operation.Apply and Upstream.call.
package proxy
