import Testing

extension SQLTests {
    /// On 120,000 stars all over the sky, sequential scans being allowed.
    @Suite struct Indexes {
        private static let here = "POINT(56.75, 24.1167)"

        @Test(
            "every way to ask for a cone uses the index over the two columns",
            arguments: [
                "1 = CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 1))",
                "CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 56.75, 24.1167, 1)) = 1",
                "CONTAINS(POINT(s.ra, s.dec), CIRCLE(POINT(56.75, 24.1167), 1)) <> 0",
                "0 < CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 1))",
                "0 = 1 - 1 AND 1 = CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 0.5 + 1/2.))",
                "1 = CONTAINS(POINT(56.75, 24.1167), CIRCLE(ra, dec, 1))",
                "1 = CONTAINS(POINT(ra, dec), BOX(56.75, 24.1167, 1, 1))",
                "1 = CONTAINS(POINT(ra, dec), POLYGON(56, 24, 58, 24, 57, 25))",
                "1 = CONTAINS(POINT(ra, dec), POLYGON(POINT(56, 24), POINT(58, 24), POINT(57, 25)))",
                "1 = INTERSECTS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 1))",
                "1 = INTERSECTS(CIRCLE(56.75, 24.1167, 1), POINT(ra, dec))",
                "1 = CONTAINS(POINT(ra, dec), REGION('circle 56.75 24.1167 1'))",
                "DISTANCE(POINT(ra, dec), \(here)) < 1", "DISTANCE(\(here), POINT(ra, dec)) <= 1", "1 > DISTANCE(POINT(ra, dec), \(here))",
                "1 >= DISTANCE(\(here), POINT(ra, dec))", "DISTANCE(ra, dec, 56.75, 24.1167) < 1",
                "DISTANCE(56.75, 24.1167, ra, dec) < 60 / 60.", "DISTANCE(ra, dec, 56.75, 24.1167) BETWEEN 0 AND 1",
            ] as [String])
        func columns(condition: String) throws {
            let query = "SELECT star_id FROM big.star AS s WHERE \(condition)"
            let plan = try Translate.plan(query)
            #expect(plan.contains("star_spoint"), "\(condition)\n\(plan)")
            #expect(try !Translate.rows(query).isEmpty)
        }

        @Test(
            "so does a column of type point",
            arguments: [
                "1 = CONTAINS(place, CIRCLE(56.75, 24.1167, 1))", "DISTANCE(place, \(here)) < 1", "DISTANCE(\(here), place) < 1",
            ] as [String])
        func point(condition: String) throws {
            let query = "SELECT star_id FROM big.star WHERE \(condition)"
            #expect(try Translate.plan(query).contains("star_place"), "\(condition)")
        }

        @Test(
            "a crossmatch uses the index of the table that has one, whichever comes first",
            arguments: [
                "DISTANCE(POINT(s.ra, s.dec), POINT(t.ra, t.dec)) < 0.01", "DISTANCE(t.ra, t.dec, s.ra, s.dec) < 0.01",
                "1 = CONTAINS(POINT(s.ra, s.dec), CIRCLE(t.ra, t.dec, 0.01))",
                "1 = CONTAINS(POINT(t.ra, t.dec), CIRCLE(s.ra, s.dec, 0.01))",
                "1 = CONTAINS(POINT(t.ra, t.dec), CIRCLE(POINT(s.ra, s.dec), 0.01))",
                "DISTANCE(s.place, POINT(t.ra, t.dec)) < 0.01 / (1 + t.target_id * 0)",
                "0.01 / (1 + t.target_id * 0) >= DISTANCE(t.ra, t.dec, s.ra, s.dec)",
            ] as [String])
        func crossmatch(condition: String) throws {
            let query = "SELECT s.star_id, t.target_id FROM big.star AS s JOIN big.target AS t ON \(condition)"
            let plan = try Translate.plan(query)
            #expect(plan.contains("star_spoint") || plan.contains("star_place"), "\(condition)\n\(plan)")
            let rows = try Translate.rows(query)
            #expect(rows.count == 20)
            #expect(rows.allSatisfy { $0.split(separator: " ").first == $0.split(separator: " ").last })
        }

        @Test("a table matched with itself uses its index")
        func selfMatch() throws {
            let query = """
                SELECT a.star_id FROM big.star AS a JOIN big.star AS b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.01
                WHERE b.star_id BETWEEN 100 AND 110
                """
            #expect(try Translate.plan(query).contains("star_spoint"))
            #expect(try Translate.rows(query).count == 11)
        }

        @Test("so do a subquery, a common table, and a query that lets it through")
        func through() throws {
            for query in [
                "SELECT * FROM (SELECT star_id, ra AS l, dec AS b FROM big.star) AS q WHERE DISTANCE(l, b, 56.75, 24.1167) < 1",
                "WITH q AS (SELECT * FROM big.star WHERE mag < 12) SELECT star_id FROM q WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24, 1))",
            ] {
                #expect(try Translate.plan(query).contains("star_spoint"), "\(query)")
            }
        }

        @Test("a cone finds the same stars by index and by arithmetic")
        func same() throws {
            for (lon, lat, radius) in [(0.0, 90.0, 2.0), (0.0, 0.0, 1.5), (359.9, -45.0, 3.0), (180.0, -89.5, 1.0)] {
                let cone = try Translate.value("SELECT COUNT(*) FROM big.star WHERE DISTANCE(ra, dec, \(lon), \(lat)) < \(radius)")
                let plain = try Translate.value("SELECT COUNT(*) FROM big.star WHERE DISTANCE(ra, dec, \(lon), \(lat)) + 0 < \(radius)")
                #expect(cone == plain)
                #expect(cone != "0")
            }
        }

        @Test("numbers, texts and patterns leave the column bare")
        func bare() throws {
            let sql = try Translate.sql(
                "SELECT source_id FROM gaia.source WHERE source_id = 1001 AND code = 'A' AND name LIKE 'st%' AND mag < 9.5")
            #expect(sql.contains(#"(t1."source_id" = 1001)"#))
            #expect(sql.contains(#"(t1."code" = 'A')"#))
            #expect(sql.contains(#"(t1."name" LIKE 'st%' ESCAPE '')"#))
            #expect(sql.contains(#"(t1."mag" < 9.5::float8)"#))
        }
    }
}
