/// A name with the names that lead to it: `ra`, `t.ra`, `gaia.completesource.ra`, `archive.gaia.completesource`.
package struct QualifiedName: Hashable, Sendable {
    /// Outermost first; at least one. A table has up to three (catalog, schema, table), a column up to four.
    package var parts: [Name]

    package init(_ parts: [Name]) {
        precondition(!parts.isEmpty)
        self.parts = parts
    }

    /// The last part: the column's or the table's own name.
    package var name: Name { parts[parts.count - 1] }
    /// All but the last part.
    package var qualifier: ArraySlice<Name> { parts.dropLast() }

    package var span: TextSpan { parts[0].span.through(name.span) }
}
