/// What a product would be, told without making it.
package struct CutQuote: Hashable, Sendable {
    /// Rows whose objects the product would hold, those included that were added for a relation.
    package var found: Int
    /// What was asked for and is no row of the archive.
    package var notFound: Int
    /// Rows that the archive's rules leave out, as transits whose source is not selected.
    package var dropped: Int
    /// Data files that the objects lie in.
    package var files: Int
    /// About the product's size; exact when ``product`` is there.
    package var bytes: Int
    /// About how long the making takes; 0 when ``product`` is there.
    package var seconds: Double
    /// The product, where it is made already.
    package var product: ProductStore.Product?

    /// The cost of one object, from measurements on a machine of 2026: opening a file, finding an object, copying its bytes.
    static func seconds(of request: CutRequest, bytes: Int) -> Double {
        request.files.reduce(0.003 + Double(bytes) / 1e9) { sum, file in
            let objects = Double(file.cuts.count)
            let size = Double(file.bytesPerObject) * objects
            return sum + 0.001 + (file.layout == .keyed ? objects * 20e-6 + size / 60e6 : objects * 1e-6 + size / 300e6)
        }
    }
}
