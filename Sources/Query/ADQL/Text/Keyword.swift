/// The reserved words that the grammar itself is made of.
enum Keyword: String, CaseIterable, Sendable {
    case all, and, `as`, asc, avg, between, by, `case`, cast, count, cross, desc, distinct, `else`, end, except, exists, from, full, group,
        having, ilike, `in`, inner, intersect, `is`, join, left, like, max, min, natural, not, null, offset, on, or, order, outer, right,
        select, sum, then, top, union, using, when, `where`, with

    /// As it stands in messages and in written queries.
    var text: String { rawValue.uppercased() }

    /// Words that so clearly go on with a query that nobody means a name by them.
    var continuesQuery: Bool {
        switch self {
        case .and, .as, .asc, .between, .by, .desc, .else, .except, .from, .group, .having, .ilike, .in, .intersect, .is, .join, .like,
            .natural, .not, .null, .on, .or, .order, .select, .then, .union, .using, .when, .where, .with:
            true
        case .all, .avg, .case, .cast, .count, .cross, .distinct, .end, .exists, .full, .inner, .left, .max, .min, .offset, .outer, .right,
            .sum, .top:
            false
        }
    }

    var aggregate: AggregateFunction.Kind? {
        switch self {
        case .avg: .avg
        case .count: .count
        case .max: .max
        case .min: .min
        case .sum: .sum
        default: nil
        }
    }
}
