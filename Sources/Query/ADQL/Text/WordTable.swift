/// Tells reserved words from names, without making a String of either (ADQL 2.1 §2.1.3, §2.1.4).
struct WordTable: Sendable {
    static let shared = WordTable()

    /// ADQL's own functions.
    private static let functions = """
        ABS ACOS AREA ASIN ATAN ATAN2 BOX CEILING CENTROID CIRCLE COALESCE CONTAINS COORD1 COORD2 COORDSYS COS COT DEGREES DISTANCE EXP
        FLOOR INTERSECTS IN_UNIT LOG LOG10 LOWER MOD PI POINT POLYGON POWER RADIANS RAND REGION ROUND SIN SQRT TAN TRUNCATE UPPER
        """

    private static let others = """
        ABSOLUTE ACTION ADD ALLOCATE ALTER ANY ARE ASSERTION AT AUTHORIZATION BEGIN BIGINT BIT BIT_LENGTH BOTH CASCADE CASCADED CATALOG
        CHAR CHARACTER CHARACTER_LENGTH CHAR_LENGTH CHECK CLOSE COLLATE COLLATION COLUMN COMMIT CONNECT CONNECTION CONSTRAINT CONSTRAINTS
        CONTINUE CONVERT CORRESPONDING CREATE CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATE DAY DEALLOCATE
        DECIMAL DECLARE DEFAULT DEFERRABLE DEFERRED DELETE DESCRIBE DESCRIPTOR DIAGNOSTICS DISCONNECT DOMAIN DOUBLE DROP ESCAPE EXCEPTION
        EXEC EXECUTE EXTERNAL EXTRACT FALSE FETCH FIRST FLOAT FOR FOREIGN FOUND GET GLOBAL GO GOTO GRANT HOUR IDENTITY IMMEDIATE INDICATOR
        INITIALLY INPUT INSENSITIVE INSERT INT INTEGER INTERVAL INTO ISOLATION KEY LANGUAGE LAST LEADING LEVEL LOCAL MATCH MINUTE MODULE
        MONTH NAMES NATIONAL NCHAR NEXT NO NULLIF NUMERIC OCTET_LENGTH OF ONLY OPEN OPTION OUTPUT OVERLAPS PAD PARTIAL POSITION PRECISION
        PREPARE PRESERVE PRIMARY PRIOR PRIVILEGES PROCEDURE PUBLIC READ REAL REFERENCES RELATIVE RESTRICT REVOKE ROLLBACK ROWS SCHEMA
        SCROLL SECOND SECTION SESSION SESSION_USER SET SIZE SMALLINT SOME SPACE SQL SQLCODE SQLERROR SQLSTATE SUBSTRING SYSTEM_USER TABLE
        TEMPORARY TIME TIMESTAMP TIMEZONE_HOUR TIMEZONE_MINUTE TO TRAILING TRANSACTION TRANSLATE TRANSLATION TRIM TRUE UNIQUE UNKNOWN
        UPDATE USAGE USER VALUE VALUES VARCHAR VARYING VIEW WHENEVER WORK WRITE YEAR ZONE
        """

    private let words: [(text: [UInt8], kind: Token.Kind)]
    /// Open addressing: index into `words`, plus one; zero for a free slot.
    private let slots: [UInt16]
    private static let mask = 1023

    private init() {
        var words: [(text: [UInt8], kind: Token.Kind)] = Keyword.allCases.map { (Array($0.text.utf8), .keyword($0)) }
        for (list, kind) in [(Self.functions, Token.Kind.function), (Self.others, .reserved)] {
            words += list.split { $0 == " " || $0 == "\n" }.map { (Array($0.utf8), kind) }
        }
        var slots = [UInt16](repeating: 0, count: Self.mask + 1)
        for (index, word) in words.enumerated() {
            var slot = Self.hash(word.text, 0..<word.text.count)
            while slots[slot] != 0 { slot = (slot + 1) & Self.mask }
            slots[slot] = UInt16(index + 1)
        }
        self.words = words
        self.slots = slots
    }

    /// What the word in `range` is: a keyword, a function's name, another reserved word, or a free identifier.
    func kind(of bytes: [UInt8], in range: Range<Int>) -> Token.Kind {
        var slot = Self.hash(bytes, range)
        while slots[slot] != 0 {
            let word = words[Int(slots[slot]) - 1]
            if word.text.count == range.count, zip(word.text, bytes[range]).allSatisfy({ $0 == Self.upper($1) }) { return word.kind }
            slot = (slot + 1) & Self.mask
        }
        return .identifier
    }

    /// FNV-1a over the upper-case word.
    private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes[range] { hash = (hash ^ UInt32(upper(byte))) &* 16_777_619 }
        return Int((hash ^ hash >> 15)) & mask
    }

    private static func upper(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & 0xDF : byte
    }
}
