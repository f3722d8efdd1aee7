import SchemaFiles
import TAPSchema
import TableModel
import Testing

@Suite("A descriptor")
struct DescriptorTests {
    private static let good = """
        collection: tiny
        schema: { name: tiny }
        files: { did_rse: here, did_scope: tiny, format: application/x-hdf5 }
        tables:
          - name: stars
            objects: { layout: keyed, file_name: "Stars_{run}.h5" }
            key: star
            columns:
              - { name: star, type: BIGINT }
              - { name: key_name, type: char, arraysize: "*", object: name }
              - { name: ra, type: double, unit: deg, ucd: pos.eq.ra }
        """

    private func message(_ yaml: String) -> String {
        do {
            _ = try Descriptor(yaml: yaml, source: "tiny.yaml")
            return "no error"
        } catch {
            return error.message
        }
    }

    private func replacing(_ part: String, _ other: String) -> String {
        #expect(Self.good.contains(part))
        return Self.good.split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }

    @Test("may say what its objects are, in the words of the vocabulary")
    func productType() throws {
        let yaml = replacing("    key: star\n", "    key: star\n    product_type: light-curve\n")
        #expect(try Descriptor(yaml: yaml, source: "tiny.yaml").tables.first?.productType == "light-curve")
        let wrong = replacing("    key: star\n", "    key: star\n    product_type: picture\n")
        #expect(message(wrong).contains("unknown product type \"picture\""))
    }

    @Test("that ships with the archive has no fault")
    func shipped() throws {
        for name in SchemaFiles.descriptors.keys {
            let descriptor = try Descriptor.find(name)
            #expect(descriptor.collection == name)
            for column in descriptor.tables.flatMap(\.columns) { #expect(column.description?.isEmpty == false, "\(column.name)") }
        }
    }

    @Test("of Gaia publishes the columns of the design, with their types and units")
    func gaia() throws {
        let gaia = try Descriptor.find("gaia")
        let files = ["did_rse", "did_scope", "did_name", "checksum", "file_version", "file_name", "file_extension", "key_name"]
        let sources = try #require(gaia.table(named: "completesource"))
        #expect(
            sources.columns.map(\.name) == ["id"] + files + [
                "source_id", "alpha", "alpha_star_error", "delta", "delta_error", "mu_alpha_star", "mu_alpha_star_error", "mu_delta",
                "mu_delta_error", "varpi", "varpi_error", "nu_eff_used_in_astrometry", "radial_velocity", "radial_velocity_error",
                "phot_g_mean_mag", "ra", "dec", "access_url",
            ])
        #expect(sources.column(named: "id")?.type == .rowIdentifier(TableTag(schema: "gaia", table: "completesource")))
        #expect(sources.column(named: "access_url")?.type == .accessURL(TableTag(schema: "gaia", table: "completesource")))
        #expect(sources.column(named: "nu_eff_used_in_astrometry")?.unit == "um**-1")
        #expect(sources.column(named: "ra")?.value == .derived("degrees(alpha)"))
        #expect(
            sources.columns.filter(\.indexed).map(\.name) == [
                "id", "did_name", "key_name", "source_id", "varpi", "phot_g_mean_mag", "ra", "dec",
            ])
        let transits = try #require(gaia.table(named: "astroelementary"))
        #expect(
            transits.columns.filter(\.published).map(\.name) == ["id"] + files + [
                "transit_id", "source_id", "transit_time", "ac_win_coord", "fov", "ccd_row", "heal_pix_fov", "flags", "g_flux",
                "access_url",
            ])
        #expect(transits.column(named: "ac_win_coord")?.type == .array(.smallint, count: 10))
        #expect(transits.column(named: "transit_time")?.type == .timestamp)
        #expect(transits.relations.first?.table == "completesource")
        let matches = try #require(gaia.table(named: "crossmatch"))
        #expect(matches.columns.count == 18)
        #expect(matches.column(named: "source_key_name")?.type == .varchar(nil))
    }

    @Test("may use VOTable's words for types or ADQL's")
    func types() throws {
        let table = try #require(Descriptor(yaml: Self.good, source: "tiny.yaml").table(named: "stars"))
        #expect(table.column(named: "star")?.type == .bigint)
        #expect(table.column(named: "key_name")?.type == .varchar(nil))
        let words: [(String, ValueType?)] = [
            ("type: double precision", .double), ("type: VARCHAR(20)", .varchar(20)), ("type: char, arraysize: 64", .char(64)),
            ("type: char, arraysize: \"8*\"", .varchar(8)), ("type: float, arraysize: \"*\"", .array(.real, count: nil)),
            ("type: char", .varchar(1)),
            ("type: unicode", nil), ("type: double, arraysize: 2x3", nil), ("type: timestamp, arraysize: 2", nil),
        ]
        for (word, type) in words {
            let descriptor = try? Descriptor(yaml: replacing("name: ra, type: double", "name: ra, \(word)"), source: "tiny.yaml")
            #expect(descriptor?.table(named: "stars")?.column(named: "ra")?.type == type, "\(word)")
        }
    }

    @Test("is refused with the line and the way to each fault")
    func faults() {
        #expect(message(Self.good) == "no error")
        #expect(message("collection: [").hasPrefix("tiny.yaml, line 2: not YAML: "))
        #expect(message("") == "tiny.yaml: not YAML: it is empty")
        #expect(
            message(replacing("unit: deg", "units: deg")).hasPrefix(
                "tiny.yaml, line 11: tables[0].columns[2].units: unknown key \"units\"; known here are arraysize, derived"))
        #expect(message(replacing("key: star\n", "keys: star\n")).contains("line 7: tables[0].keys: unknown key \"keys\""))
        #expect(message(replacing("collection: tiny", "credit: me")) == "tiny.yaml, line 1: \"collection\" is missing")
        #expect(
            message(replacing("unit: deg", "principal: perhaps"))
                == "tiny.yaml, line 11: tables[0].columns[2].principal: expected true or false")
        #expect(
            message(replacing("name: ra", "name: size"))
                == "tiny.yaml, line 11: tables[0].columns[2].name: name \"size\" is a reserved word of ADQL and every query would have to quote it"
        )
        #expect(message(replacing("name: ra", "name: RA")).contains("must be lower-case letters"))
        #expect(message(replacing("name: ra", "name: star")).contains("column \"star\" stands twice"))
        #expect(message(replacing("type: double", "type: quad")).contains("unknown type \"quad\"; examples are long"))
        #expect(message(replacing("unit: deg", "unit: km per s")).contains("not in the VOUnits syntax"))
        #expect(message(replacing("ucd: pos.eq.ra", "ucd: \"pos eq\"")).contains("not a UCD1+"))
        #expect(message(replacing("key: star\n", "key: ra\n")).contains("tables[0].key: key column \"ra\" must be of type long"))
        #expect(message(replacing("object: name", "file: colour")).contains("unknown fact \"colour\" of a file"))
        #expect(message(replacing("Stars_{run}.h5", "{run}{field}.h5")).contains("with text between two parts"))
        #expect(message(replacing("did_scope: tiny", "did_scope: \"{mission}\"")).contains("part {mission} is unknown for table stars"))
        #expect(message(replacing("name: tiny }", "name: tap_upload }")).contains("schema name \"tap_upload\" is taken by the system"))
    }

    @Test("names all its faults at once, in the order of its lines")
    func allFaults() {
        let broken = replacing("unit: deg", "unit: \"k m\"").split(separator: "type: BIGINT").joined(separator: "type: huge")
        let lines = message(broken).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("tiny.yaml, line 9: tables[0].columns[0].type") == true)
        #expect(lines.dropFirst().first?.hasPrefix("tiny.yaml, line 11: tables[0].columns[2].unit") == true)
    }

    @Test("is found by name, or by path")
    func find() throws {
        #expect(throws: TAPSchemaError.self) { try Descriptor.find("gaya") }
        do {
            _ = try Descriptor.find("./nowhere.yaml")
            Issue.record("found what is not there")
        } catch {
            #expect(error.code == .unreadableDescriptor)
            #expect(error.message.contains("No such file"))
        }
    }
}

@Suite("A name pattern")
struct NamePatternTests {
    @Test("finds the parts of a name and makes a name of parts")
    func bothWays() throws {
        let pattern = try #require(NamePattern("CompleteSource_{run}_{file_version}.{file_extension}"))
        let parts = ["run": "130097", "file_version": "0003", "file_extension": "h5"]
        #expect(pattern.match("CompleteSource_130097_0003.h5") == parts)
        #expect(pattern.fill(parts) == "CompleteSource_130097_0003.h5")
        #expect(pattern.match("CompleteSource_130097_0003") == nil)
        #expect(pattern.match("CompleteSource__0003.h5") == nil)
        #expect(pattern.match("xCompleteSource_1_2.h5") == nil)
        #expect(pattern.fill(["run": "1"]) == nil)
    }

    @Test("takes parts as short as they can be, and backs up where it must")
    func shortest() throws {
        let pattern = try #require(NamePattern("{a}_{b}.h5"))
        #expect(pattern.match("x_y_z.h5") == ["a": "x", "b": "y_z"])
        #expect(pattern.match("x.h5_y.h5") == ["a": "x.h5", "b": "y"])
    }

    @Test("has its braces in order", arguments: ["", "{", "a}", "{}", "{a}{b}", "{a{b}}"])
    func malformed(_ text: String) {
        #expect(NamePattern(text) == nil)
    }
}
