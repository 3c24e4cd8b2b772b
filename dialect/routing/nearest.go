package routing

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/yml"
)

// Bounds of what is compared.
const (
	maxNearSegments = 12
	maxNearPath     = 300
)

// Costs of what sets a path apart from a route, where 1 is a whole segment.
const (
	costVariable = 0.05 // a literal is nearer than a variable
	costCase     = 0.02 // capitals in place of small letters
	costMethod   = 0.3
	farthest     = 0.5 // of all segments
)

// Nearest finds the route that a request was probably meant for: one of
// some dialects, where named with or without the dialect's name in front. It is
// nil when none is near.
func Nearest(method, path string, named bool, among ...*dialect.Dialect) *dialect.Op {
	if method == "HEAD" {
		method = "GET"
	}
	segments := segmentsOf(path)
	if len(path) > maxNearPath || len(segments) == 0 || len(segments) > maxNearSegments {
		return nil
	}
	c := comparison{segments: segments, words: map[string][]float64{}}
	var best *dialect.Op
	least := farthest + costMethod
	for _, d := range among {
		for _, op := range d.Operations {
			route := segmentsOf(op.Path)
			cost := c.cost(route)
			if named {
				cost = min(cost, c.cost(append([]string{d.Name}, route...)))
			}
			if cost > farthest {
				continue
			}
			if op.Method != method {
				cost += costMethod
			}
			if cost < least {
				least, best = cost, op
			}
		}
	}
	return best
}

// segmentsOf are the words of a path.
func segmentsOf(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// comparison is a path to be compared with many routes.
type comparison struct {
	segments []string
	words    map[string][]float64 // costs of a route's word in place of each segment
}

// cost is how far the path is from a route, as a part of all segments: words
// are replaced, left out or put in, whatever is least.
func (c *comparison) cost(route []string) float64 {
	row := make([]float64, len(c.segments)+1)
	for j := range row {
		row[j] = float64(j)
	}
	for i, word := range route {
		costs := c.word(word)
		diagonal := row[0]
		row[0] = float64(i + 1)
		for j := range c.segments {
			next := min(row[j+1]+1, row[j]+1, diagonal+costs[j])
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(c.segments)] / float64(max(len(route), len(c.segments)))
}

// word is what each segment costs where a route has a word.
func (c *comparison) word(word string) []float64 {
	if costs, ok := c.words[word]; ok {
		return costs
	}
	costs := make([]float64, len(c.segments))
	for j, segment := range c.segments {
		switch {
		case strings.HasPrefix(word, "{"):
			costs[j] = costVariable
		case segment == word:
		case strings.EqualFold(segment, word):
			costs[j] = costCase
		case yml.Nearest(segment, []string{word}) != "":
			costs[j] = float64(yml.Distance(segment, word)) / float64(max(len(segment), len(word)))
		default:
			costs[j] = 1
		}
	}
	c.words[word] = costs
	return costs
}
