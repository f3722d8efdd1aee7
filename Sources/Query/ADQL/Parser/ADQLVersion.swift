/// Which version of the language a query is in.
///
/// ADQL 2.0 is a part of 2.1 but for four words that 2.1 reserves (BIGINT, ILIKE, IN_UNIT, OFFSET): in a query in 2.0 a column or table
/// may be called so. All else is read alike.
package enum ADQLVersion: Hashable, Sendable {
    case adql20, adql21
}
