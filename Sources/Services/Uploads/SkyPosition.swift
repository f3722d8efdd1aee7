import TableModel

/// The columns of a table that say where on the sky its rows lie.
enum SkyPosition {
    /// Finds a pair of doubles in degrees: by UCD, the main ones first, then by the names that catalogues use.
    static func find(in columns: [Column]) -> (longitude: Int, latitude: Int)? {
        for (longitude, latitude) in ucds {
            if let x = index(columns, { normalised($0.ucd) == longitude }), let y = index(columns, { normalised($0.ucd) == latitude }) {
                return (x, y)
            }
        }
        for (longitude, latitude) in names {
            if let x = index(columns, { $0.name.lowercased() == longitude }), let y = index(columns, { $0.name.lowercased() == latitude }) {
                return (x, y)
            }
        }
        return nil
    }

    private static func index(_ columns: [Column], _ condition: (Column) -> Bool) -> Int? {
        columns.firstIndex {
            $0.type == .double && ["", "deg", "degree", "degrees"].contains($0.unit?.lowercased() ?? "") && condition($0)
        }
    }

    private static func normalised(_ ucd: String?) -> String? {
        ucd.map { String($0.lowercased().filter { !$0.isWhitespace }) }
    }

    private static let ucds: [(String, String)] = [
        ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main"), ("pos_eq_ra_main", "pos_eq_dec_main"), ("pos.eq.ra", "pos.eq.dec"),
        ("pos_eq_ra", "pos_eq_dec"), ("pos.galactic.lon;meta.main", "pos.galactic.lat;meta.main"), ("pos.galactic.lon", "pos.galactic.lat"),
    ]

    private static let names: [(String, String)] = [
        ("ra", "dec"), ("ra_deg", "dec_deg"), ("radeg", "dedeg"), ("radeg", "decdeg"), ("raj2000", "dej2000"), ("raj2000", "decj2000"),
        ("_raj2000", "_dej2000"), ("ra_icrs", "de_icrs"), ("ra_icrs", "dec_icrs"), ("s_ra", "s_dec"), ("alpha", "delta"), ("lon", "lat"),
        ("glon", "glat"), ("l", "b"),
    ]
}
