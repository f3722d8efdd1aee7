import Names
import Postgres
import TableModel
import Testing

extension SQLTests {
    @Suite struct FunctionExamples {
        @Test("every example in the list of functions has the value that stands beside it")
        func examples() throws {
            let list = try FunctionList.builtIn()
            var count = 0
            for example in list.functions.flatMap(\.examples) {
                let value = try Translate.value("SELECT TOP 1 \(example.call) AS v FROM gaia.transit WHERE transit_id = 5001")
                count += 1
                if let expected = Double(example.value) {
                    let found = try #require(Double(value), "\(example.call) is \(value)")
                    #expect(abs(found - expected) <= 1e-12 * max(1, abs(expected)), "\(example.call) is \(value)")
                } else {
                    #expect(value == example.value, "\(example.call)")
                }
            }
            #expect(count > 150)
        }

        @Test("every function has an example")
        func coverage() throws {
            let list = try FunctionList.builtIn()
            #expect(list.functions.filter(\.examples.isEmpty).map(\.name) == [])
        }

        /// What a function makes of NULL beside being NULL: COALESCE is there for it, and the UDF catalogue has rules for motions.
        private static let knowing: Set<String> = ["COALESCE", "ivo_epoch_prop_pos", "gavo_apply_pm"]

        @Test("every function is NULL where any argument is")
        func null() throws {
            let session = try SharedDatabase.session()
            var count = 0
            for function in try FunctionList.builtIn().functions where !Self.knowing.contains(function.name) {
                for form in function.forms where !form.aggregate && !form.parameters.isEmpty {
                    let arguments = (0..<max(form.least, form.parameters.count)).map { sample(form, at: $0) }
                    let calls = arguments.indices.filter { !form.literals.contains($0) && arguments[$0].null != nil }.map { index in
                        var written = arguments.map(\.value)
                        written[index] = arguments[index].null ?? "NULL"
                        return "\(function.name)(\(written.joined(separator: ", ")))"
                    }
                    guard !calls.isEmpty else { continue }
                    let query = "SELECT \(calls.joined(separator: ", ")) FROM gaia.source WHERE source_id = 1001"
                    let result = try session.query(try Translate.sql(query))
                    for (index, call) in calls.enumerated() { #expect(result.string(0, index) == nil, "\(call)") }
                    count += calls.count
                }
            }
            #expect(count > 120)
        }

        /// A value that the argument can be, and a NULL of its type; nil where ADQL has no way to write one.
        private func sample(_ form: FunctionForm, at index: Int) -> (value: String, null: String?) {
            switch form.parameter(at: index).type {
            case .any, .numeric: ("0.5", "CAST(NULL AS REAL)")
            case .integral: ("3", "CAST(NULL AS INTEGER)")
            case .geometry, .exactly(.point): ("POINT(10, 20)", "CAST(NULL AS POINT)")
            case .exactly(.circle): ("CIRCLE(10, 20, 1)", "CAST(NULL AS CIRCLE)")
            case .exactly(.polygon): ("POLYGON(10, 20, 11, 20, 11, 21)", "CAST(NULL AS POLYGON)")
            case .exactly(.moc): ("coverage", nil)
            case .exactly(.timestamp): ("epoch", "CAST(NULL AS TIMESTAMP)")
            case .exactly(.double) where form.function == "IN_UNIT": ("DEGREES(1)", "DEGREES(NULL)")
            case .exactly(.double) where form.function == "gavo_specconv" && form.parameters.count == 2:
                ("gavo_specconv(1, 'nm', 'm')", "gavo_specconv(NULL, 'nm', 'm')")
            case .exactly(.real): ("0.5", "CAST(NULL AS REAL)")
            case .exactly(.double): ("0.\(index + 3)", "CAST(NULL AS DOUBLE PRECISION)")
            case .exactly(let type) where type.isInteger: ("3", "CAST(NULL AS BIGINT)")
            case .exactly:
                switch form.parameter(at: index).name {
                case "hms": ("'1:2:3'", "CAST(NULL AS VARCHAR)")
                case "dms": ("'1:2:3'", "CAST(NULL AS VARCHAR)")
                case "from_sys", "to_sys": (index == 0 ? "'ICRS'" : "'FK4'", nil)
                case "unit": ("'arcmin'", nil)
                case "expr_unit", "dest_unit": ("'nm'", nil)
                default: ("'circle 1 2 3'", form.function == "REGION" ? nil : "CAST(NULL AS VARCHAR)")
                }
            }
        }

        @Test(
            "what is no angle is refused in words, without the SQL",
            arguments: [
                "ivo_hms_to_degrees('3d34m45s')", "ivo_hms_to_degrees('3:34')", "ivo_hms_to_degrees('')", "ivo_hms_to_degrees('3:60:00')",
                "ivo_hms_to_degrees('3:4:61')", "ivo_dms_to_degrees('12h3m4s')", "ivo_dms_to_degrees('1:2:x')",
                "ivo_dms_to_degrees('12.5')",
            ])
        func malformed(call: String) throws {
            let sql = try Translate.sql("SELECT \(call) FROM gaia.source")
            let error = try #require(throws: PostgresError.self) { try SharedDatabase.session().query(sql) }
            #expect(error.sqlstate == "AL001")
            #expect(error.message.contains("can't be read as") && error.message.contains("it is written"), "\(error.message)")
            #expect(!error.message.contains("almagest"))
        }

        @Test("a position without epoch or place cannot move, and the error says so")
        func epoch() throws {
            let sql = try Translate.sql("SELECT ivo_epoch_prop_pos(ra, NULL, 0, 0, 0, 0, 2016, 2000) FROM gaia.source")
            let error = try #require(throws: PostgresError.self) { try SharedDatabase.session().query(sql) }
            #expect(error.sqlstate == "AL001" && error.message.contains("IS NOT NULL"))
        }

        private static let allFrames = ["ICRS", "FK5", "FK4", "GALACTIC", "ECLIPTIC"]

        @Test("shapes come back from every frame to every other", arguments: allFrames)
        func frames(from: String) throws {
            for to in Self.allFrames {
                for (shape, number) in [
                    ("POINT(189.2, -27.3)", 2), ("CIRCLE(189.2, -27.3, 3)", 3), ("POLYGON(189, -27, 190, -27, 190, -26)", 6),
                ] {
                    let there = "ivo_geom_transform('\(from)', '\(to)', \(shape))"
                    let row = try Translate.value("SELECT TOP 1 gavo_transform('\(to)', '\(from)', \(there)), \(shape) FROM gaia.transit")
                    let numbers = row.split { "{}, |".contains($0) }.compactMap { Double($0) }
                    #expect(numbers.count == 2 * number)
                    for index in 0..<number { #expect(abs(numbers[index] - numbers[index + number]) < 1e-9, "\(from) to \(to): \(row)") }
                }
            }
        }

        @Test("a shape converted to the frame of the column is a constant, which an index serves")
        func convertedIndex() throws {
            let plan = try Translate.plan(
                "SELECT star_id FROM big.star WHERE 1 = CONTAINS(place, ivo_geom_transform('GALACTIC', 'ICRS', CIRCLE(120, 5, 0.5)))")
            #expect(plan.contains("Index"), "\(plan)")
        }

        @Test("a histogram counts what lies below, in each bin and above, with NULLs below")
        func histogram() throws {
            // Magnitudes 8.5 to 14 in steps of a half, of which one is NULL.
            #expect(
                try Translate.rows("SELECT ivo_histogram(mag, 9, 13, 4), COUNT(*) FROM gaia.source") == ["{2,2,1,2,2,3} | 12"])
            #expect(
                try Translate.rows("SELECT visits, ivo_histogram(visits, 0, 4, 2) FROM gaia.source GROUP BY visits ORDER BY visits") == [
                    "0 | {0,2,0,0}", "1 | {0,3,0,0}", "2 | {0,0,3,0}", "3 | {0,0,2,0}", "4 | {0,0,0,2}",
                ])
            #expect(try Translate.rows("SELECT ivo_histogram(mag, 9, 13, 4) FROM gaia.source WHERE 1 = 0") == ["null"])
            #expect(try Translate.rows("SELECT ivo_histogram(num / 0.1, -1, 1, 1) FROM other.source WHERE num IS NULL") == ["{1,0,0}"])
        }

        @Test("coverages unite and intersect")
        func coverages() throws {
            let row = try Translate.value(
                "SELECT TOP 1 gavo_mocunion(coverage, coverage), gavo_mocintersect(coverage, coverage), gavo_mocunion(coverage, NULL) FROM gaia.source ORDER BY source_id"
            )
            #expect(row == "5/1 | 5/1 | null")
            let two = try Translate.rows(
                "SELECT gavo_mocunion(a.coverage, b.coverage), AREA(gavo_mocintersect(a.coverage, b.coverage)) FROM gaia.source AS a, gaia.source AS b WHERE a.source_id = 1001 AND b.source_id = 1003"
            )
            #expect(two == ["5/1 3 | 0"])
        }
    }
}
