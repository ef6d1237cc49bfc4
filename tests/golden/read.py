#!/usr/bin/env python3
"""A second reader of the store format, version 1, written from the page `docs/format.md` alone. Python 3.9+, nothing else.

    read.py DIR [ARCHIVE]      the transactions in the journal of a store, one line of JSON each
    read.py --snapshot FILE    the state in a snapshot, and the keys and the origin in its description
    read.py --backup DIR       checks a backup and lists its transactions
    read.py --trail LOCK       the trail of a replay, if there is one
    read.py --self-test DIR    checks this reader with the golden stores below DIR

Status: 0 good, 2 damage or no store, 3 the journal has a suspect tail (what comes before it is listed).
Comments like `# == Batches ==` name the section of the page that follows.
"""
import collections, glob, json, os, re, struct, sys

M32, M64 = (1 << 32) - 1, (1 << 64) - 1


class Damage(Exception):
    pass


def need(truth, what):
    if not truth:
        raise Damage(what)


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def u64(data, at):
    return struct.unpack_from("<Q", data, at)[0]


# == CRC-32C and XXH3-64 with seed 0 ==
CRC_TABLE = []
for crc in range(256):
    for _ in range(8):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    CRC_TABLE.append(crc)


def crc32c(data):
    crc = M32
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ M32


SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248e"
    "e03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d"
    "8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc"
    "8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5, Q1, Q2, Q3 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D


def fold(a, b):
    return a * b & M64 ^ a * b >> 64


def avalanche(h, factor=0x165667919E3779F9, shift=37):
    h &= M64
    h = (h ^ h >> shift) * factor & M64
    return h ^ h >> 32


def xxh3(d):
    n, key = len(d), lambda at: u64(SECRET, at)
    mix = lambda at, k: fold(u64(d, at) ^ key(k), u64(d, at + 8) ^ key(k + 8))
    if n <= 3:
        h = key(56) ^ key(64)
        if n:
            h = (d[0] << 16 | d[n >> 1] << 24 | d[-1] | n << 8) ^ u32(SECRET, 0) ^ u32(SECRET, 4)
        return avalanche((h ^ h >> 33) * P2, P3, 29)
    if n <= 8:
        h = u32(d, n - 4) + (u32(d, 0) << 32) ^ key(8) ^ key(16)
        h ^= (h << 49 | h >> 15) & M64 ^ (h << 24 | h >> 40) & M64
        h = h * 0x9FB21C651E98DF25 & M64
        h = (h ^ (h >> 35) + n) * 0x9FB21C651E98DF25 & M64
        return h ^ h >> 28
    if n <= 16:
        low, high = u64(d, 0) ^ key(24) ^ key(32), u64(d, n - 8) ^ key(40) ^ key(48)
        return avalanche(n + int.from_bytes(low.to_bytes(8, "little"), "big") + high + fold(low, high))
    if n <= 128:
        pairs = range((n - 1) // 32 + 1)
        return avalanche(n * P1 + sum(mix(16 * i, 32 * i) + mix(n - 16 * (i + 1), 32 * i + 16) for i in pairs))
    if n <= 240:
        h = avalanche(n * P1 + sum(mix(16 * i, 16 * i) for i in range(8)))
        return avalanche(h + sum(mix(16 * i, 16 * i - 125) for i in range(8, n // 16)) + mix(n - 16, 119))
    acc = [Q3, P1, P2, P3, P4, Q2, P5, Q1]

    def stripe(at, k):
        for i, (data, secret) in enumerate(zip(struct.unpack_from("<8Q", d, at), struct.unpack_from("<8Q", SECRET, k))):
            acc[i ^ 1] = acc[i ^ 1] + data & M64
            acc[i] = acc[i] + ((data ^ secret) & M32) * ((data ^ secret) >> 32) & M64

    for s in range((n - 1) // 64):
        stripe(64 * s, s % 16 * 8)
        if s % 16 == 15:
            acc[:] = [(a ^ a >> 47 ^ k) * Q1 & M64 for a, k in zip(acc, struct.unpack_from("<8Q", SECRET, 128))]
    stripe(n - 64, 121)
    return avalanche(n * P1 + sum(fold(acc[i] ^ key(11 + 8 * i), acc[i + 1] ^ key(19 + 8 * i)) for i in (0, 2, 4, 6)))


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(self.at + count <= len(self.data), "something is longer than what holds it")
        self.at += count
        return self.data[self.at - count:self.at]

    def more(self):
        return len(self.data) - self.at

    def varint(self, bits=64):
        n = shift = 0
        while True:
            byte = self.take(1)[0]
            n, shift = n | (byte & 127) << shift, shift + 7
            if byte < 128:
                need(n >> bits == 0 and (byte or shift == 7), "a varint is too large, or longer than needed")
                return n
            need(shift < bits, "a varint is too long")

    def text(self, length=None):
        try:
            return self.take(self.varint() if length is None else length).decode()
        except UnicodeDecodeError:
            raise Damage("a text is not UTF-8")

    def list(self, item):
        count = self.varint()
        need(count <= self.more(), "a list is longer than what holds it")
        return [item() for _ in range(count)]

    def elements(self, item):
        """Those of a value, which may take no bytes."""
        count = self.varint()
        self.elements_max -= count
        need(self.elements_max >= 0, "a value has too many elements")
        return [item() for _ in range(count)]

    def end(self, what):
        need(not self.more(), "something follows " + what)


# == Types ==
Type = collections.namedtuple("Type", "kind name parts")  # parts: [id], or [(field, id)], or {index: (variant, id)}


def read_types(content, types):
    c = Cursor(content)
    while c.more():
        kind = c.take(1)[0]
        need(kind <= 26, "an unknown kind of type")
        name = c.text() if kind in (20, 21, 22, 23, 25) else None
        field = lambda: (c.text(), c.varint())
        types.append(Type(kind, name, [c.varint()] if kind in (17, 18, 22) else [c.varint(), c.varint()] if kind == 19 else
                          c.list(c.varint) if kind == 20 else c.list(field) if kind == 21 else
                          dict(c.list(lambda: (c.varint(), field()))) if kind == 23 else []))
    need(len(types) <= 1 << 16, "too many types")
    need(sum(len(t.parts) for t in types if t.kind >= 20) <= 1 << 17, "too many fields, variants and elements")
    names = [t.name for t in types if t.name] + [f for t in types if t.kind == 21 for f, _ in t.parts] + [
        v for t in types if t.kind == 23 for v, _ in t.parts.values()]
    need(sum(len(name.encode()) for name in names) <= 4 << 20, "the names of types are too long")
    for t in types:
        ids = [p[1] for p in t.parts] if t.kind == 21 else [p[1] for p in t.parts.values()] if t.kind == 23 else t.parts
        need(all(i < len(types) for i in ids), "an id of a type that there isn't")


def quote(text):
    return json.dumps(text, ensure_ascii=False)


def number(n, single):
    """The shortest decimal that reads back."""
    if n != n or n in (float("inf"), float("-inf")):
        return quote(str(n).replace("nan", "NaN"))

    def same(text):
        try:
            return n == (struct.unpack("<f", struct.pack("<f", float(text)))[0] if single else float(text))
        except OverflowError:
            return False

    mantissa, exponent = next(t for t in ("%.*e" % (p, n) for p in range(17)) if same(t)).split("e")
    sign, digits, exponent = "-" * mantissa.startswith("-"), mantissa.lstrip("-").replace(".", ""), int(exponent)
    if -5 <= exponent < 0:
        return sign + "0." + "0" * (-exponent - 1) + digits
    if 0 <= exponent < (13 if single else 16):
        return sign + digits[:exponent + 1].ljust(exponent + 1, "0") + "." + (digits[exponent + 1:] or "0")
    return sign + digits[0] + "." * (len(digits) > 1) + digits[1:] + "e%+d" % exponent


def value(c, types, id):
    """The JSON of the value at the cursor."""
    kind, name, parts = types[id]
    inside = lambda part: value(c, types, part)
    if kind in (0, 17):
        flag = c.take(1)[0]
        need(flag <= 1, "a bool or an option is neither 0 nor 1")
        return ("true" if flag else "false") if kind == 0 else inside(parts[0]) if flag else "null"
    if kind <= 10:  # integers, signed ones first
        bits = 8 << (kind - 1) % 5
        n = c.take(1)[0] if bits == 8 else c.varint(bits)
        if kind <= 5:
            n = n - (n >> 7 << 8) if bits == 8 else n >> 1 ^ -(n & 1)
        return '"%d"' % n if bits == 128 else str(n)
    if kind in (11, 12):
        return number(*struct.unpack("<f" if kind == 11 else "<d", c.take(4 * (kind - 10))), kind == 11)
    if kind in (13, 14):
        text = c.text()
        need(kind == 14 or len(text) == 1, "a char is not one character")
        return quote(text)
    if kind in (15, 24, 25):  # bytes, opaque, untraced
        return '"%s"' % c.take(c.more() if kind == 25 else c.varint()).hex()
    if kind == 16:
        return "null"
    if kind == 18:
        return "[" + ",".join(c.elements(lambda: inside(parts[0]))) + "]"
    if kind == 19:
        entries = c.elements(lambda: (inside(parts[0]), inside(parts[1])))
        if types[parts[0]].kind == 14:
            return "{" + ",".join("%s:%s" % e for e in entries) + "}"
        return "[" + ",".join("[%s,%s]" % e for e in entries) + "]"
    if kind == 20:
        return "[" + ",".join(inside(part) for part in parts) + "]"
    if kind == 21:
        return "{" + ",".join(quote(field) + ":" + inside(part) for field, part in parts) + "}" if parts else "null"
    if kind == 22:
        return inside(parts[0])
    need(kind == 23, "a value of the type that has none")
    index = c.varint()
    need(index in parts, "a variant that there isn't")
    variant, part = parts[index]
    return quote(variant) if types[part].kind == 16 else "{%s:%s}" % (quote(variant), inside(part))


def whole_value(data, types, id):
    c = Cursor(data)
    c.elements_max = len(data) + (1 << 20)
    need(id < len(types), "an id of a type that there isn't")
    try:
        text = value(c, types, id)
    except RecursionError:
        raise Damage("a type contains itself, or a value is too deep")
    c.end("a value")
    return text


# == Position, Headers ==
Position = collections.namedtuple("Position", "segment offset chain")


def position(data, at=40):
    return Position(*struct.unpack_from("<3Q", data, at))


def check_header(data, magic, what, store=None):
    """Checks the first 128 bytes; gives the store's id."""
    need(len(data) >= 128, what + ": it ends inside its header")
    need(crc32c(data[:124]) == u32(data, 124), what + ": the header's CRC")
    need(data[:8] == magic, what + ": magic")
    need(u32(data, 8) == 1, what + ": format version %d" % u32(data, 8))
    need(store in (None, data[16:32]), what + ": it is of another store")
    need(u32(data, 12) <= (magic == b"prvl-seg"), what + ": unknown flags")
    need(all(u64(data, at) <= M64 >> 1 for at in ((32, 40, 64) if magic == b"prvl-seg" else (32, 40))), what + ": a number is too high")
    return data[16:32]


# == Records ==
Transaction = collections.namedtuple("Transaction", "seq time name revision args secret")


def records(data):
    """(tag, content), of a transaction (tag, (microseconds, payload))."""
    c = Cursor(data)
    while c.more():
        tag = c.varint()
        need(tag in (1, 2, 3, 4, 5, 11, 12) or tag >= 16, "a record that there isn't: tag %d" % tag)
        time = c.varint() if tag >= 16 else None
        length = c.varint()
        need(tag < 16 or length <= 16 << 20, "a transaction is too long")
        yield tag, c.take(length) if tag < 16 else (time, c.take(length))


# == Segment header, Batches, Reading the journal ==
class Segment:
    def __init__(self, number, data, store):
        self.what, self.number, self.data = "segment %d" % number, number, data
        check_header(data, b"prvl-seg", self.what, store)
        self.predecessor, self.first, self.birth, self.seed = position(data), u64(data, 64), u64(data, 80), xxh3(data[:128])
        need(u64(data, 32) == number >= 1, self.what + ": its number is another one than its name's")
        need(self.predecessor.segment == number - 1 and (number > 1 or self.predecessor == (0, 0, 0)), self.what + ": its predecessor")
        self.file_end = max(len(data.rstrip(b"\0")), 128)  # == Zeros ahead ==
        self.at, self.chain, self.next = 128, self.seed, self.first
        self.places = {128: (self.seed, self.first)}  # offset: the chain and the next sequence number there
        self.types, self.dictionary, self.secret, self.models, self.transactions, self.voids = [], [], None, [], [], []

    def good_header(self, at, end):
        d = self.data
        return (at + 80 <= end and d[at:at + 4] == b"\x50\x56\x42\xb1" and d[at + 79] == 0xB2 and u32(d, at + 56) <= 81 << 20 and
                crc32c(struct.pack("<QQ", self.seed, at) + d[at + 8:at + 80]) == u32(d, at + 4))

    def sectors(self, at, end):
        """The pieces of the file's sectors in a range: (it is a whole one, it is all zeros)."""
        pieces = [self.data[max(s, at):min(s + 512, end)] for s in range(at // 512 * 512, end, 512)]
        return [(len(piece) == 512, not any(piece)) for piece in pieces]

    def read_batch(self, end):
        """Goes behind the next batch. False if it is not good."""
        d, at = self.data, self.at
        if not self.good_header(at, end):
            return False
        first, base, synced, applied, chain, body_hash, length, count, zeros = struct.unpack_from("<6Q3I", d, at + 8)
        behind = at + 81 + length
        if (chain, first) != (self.chain, self.next) or behind > end or d[behind - 1] != 0xB3 or xxh3(d[at + 80:behind - 1]) != body_hash:
            return False
        # It was written like this. So from here on, what is wrong is no trace of a crash.
        what = "%s, batch at %d: " % (self.what, at)
        need(self.sectors(at, behind).count((True, True)) == zeros, what + "the count of zero sectors")
        need(synced <= at and applied < first, what + "synced or applied through what comes later")
        self.read_records(d[at + 80:behind - 1], first, base, count, what)
        self.at, self.chain, self.next = behind, xxh3(d[at:at + 80]), first + count
        self.places[behind] = self.chain, self.next
        return True

    def read_records(self, body, seq, time, count, what):
        found = collections.Counter()
        for tag, content in records(body):
            found[min(tag, 16)] += 1
            c = Cursor(content)
            if tag == 1:
                self.models.append((c.text(), c.varint()))
                c.end("a model")
            elif tag == 2:
                while c.more():
                    self.dictionary.append((c.text(), c.varint(), c.varint(), c.take(8)))
                    need(self.dictionary[-1][2] < len(self.types), what + "an entry's type")
                need(len(self.dictionary) <= 1 << 16 and sum(len(e[0].encode()) for e in self.dictionary) <= 4 << 20, what + "its dictionary")
            elif tag == 3:
                need(len(content) == 32, what + "a secret's length")
                self.secret = content
            elif tag == 4:
                self.voids.append((c.varint(), c.text(c.more())))
            elif tag == 5:
                read_types(content, self.types)
            else:
                need(tag >= 16, what + "a record of a snapshot")
                need(tag - 16 < len(self.dictionary) and self.secret, what + "an entry that there isn't, or no secret")
                (later, payload), (name, revision, type_, _) = content, self.dictionary[tag - 16]
                time += later
                args = whole_value(payload, self.types, type_)
                self.transactions.append(Transaction(seq, time, name, revision, args, self.secret))
                seq += 1
        need(found[16] == count, what + "the count of transactions")
        need(found[1] == (self.at == 128) and (self.at != 128 or found[3] and not count), what + "it is a preamble, or should be one")

    def read_to(self, accepted):
        """A segment that has a successor."""
        while self.at < accepted.offset and self.read_batch(min(accepted.offset, len(self.data))):
            pass
        need((self.at, self.chain) == accepted[1:], "%s: bad at %d, before its accepted end" % (self.what, self.at))
        need(self.at >= self.birth, self.what + ": its accepted end is before its birth end")

    def read_newest(self, positions, clean):
        """Reads up to the first batch that is not good. Gives what is wrong with a suspect tail."""
        d, end = self.data, self.file_end
        while self.at < end and self.read_batch(end):
            pass
        p, vouched = self.at, [self.birth] + [x.offset for x in positions if x.segment == self.number]
        tries = [m.start() for m in re.finditer(b"\x50\x56\x42\xb1", d[:end])]
        vouched = max(vouched + [u64(d, at + 24) for at in tries if self.good_header(at, end)])
        need(p >= vouched, "%s: bad at %d, before the vouched end %d" % (self.what, p, vouched))
        need(not clean or p == end, "%s: something follows the clean end %d" % (self.what, p))
        good = self.good_header(p, end)
        if p == end or end < p + 80 or good and end < p + 81 + u32(d, p + 56):
            return None  # nothing, or the file ends inside of it
        if any(zero for _, zero in self.sectors(p, min((p + 79) // 512 * 512 + 512, end))):
            return None  # a sector of the header was not written
        sectors = self.sectors(p, p + 81 + u32(d, p + 56)) if good else []
        if sectors.count((True, True)) > (good and u32(d, p + 64)) or (False, True) in sectors:
            return None  # a sector of the rest was not written
        return "%s: from %d (sequence number %d) on, it is bad without a sign of a crash" % (self.what, p, self.next)


# == Snapshot header, Keys, and tag 12 of Records ==
class Snapshot:
    def __init__(self, name, data, store=None):
        self.what = "snapshot " + name
        self.store = check_header(data, b"prvl-snp", self.what, store)
        self.seq, self.position, self.time, length = u64(data, 32), position(data), u64(data, 64), u32(data, 104)
        need(not re.match(r"\d{20}\.", name) or int(name[:20]) == self.seq, self.what + ": its number is another one than its name's")
        need(self.position.segment or self.position == (0, 0, 0), self.what + ": its position")
        need(len(data) == 128 + length + u64(data, 96), self.what + ": its length")
        description, body = data[128:128 + length], data[128 + length:]
        need(xxh3(description) == u64(data, 80), self.what + ": hash of the description")
        need(xxh3(body) == u64(data, 88), self.what + ": hash of the body")
        content, types, self.more = {}, [], ""
        for tag, one in records(description):
            need(tag == 5 or tag in (1, 11, 12) and tag not in content, self.what + ": the records of its description")
            content[tag] = one
            if tag == 5:
                read_types(one, types)
        need(1 in content and 5 in content, self.what + ": no model record, or no types")
        c = Cursor(content[1])
        self.model, self.version, type_ = c.text(), c.varint(), c.varint()
        c.end("a model")
        self.state = whole_value(body, types, type_)
        if 11 in content:
            self.more += ',"keys":[%s]' % ",".join(self.keys(Cursor(content[11]), types))
        if 12 in content:
            c = Cursor(content[12])
            self.more += ',"origin":{"how":%s,"store":"%s","seq":%d,"segment":%d,"offset":%d,"chain":"%016x","time":%d}' % (
                {0: '"restored"', 1: '"forked"', 2: '"imported"'}.get(c.take(1)[0], "null"), c.take(16).hex(), c.varint(),
                c.varint(), c.varint(), u64(c.take(8), 0), c.varint())
            c.end("an origin")

    def keys(self, c, types):
        entries, last = c.list(lambda: (c.text(), c.varint(), c.varint(), c.varint())), 0
        need(len(entries) <= 1 << 16, self.what + ": the transactions of its keys")
        for _ in range(c.varint()):
            seq, place, key, args_hash, kept = c.varint(), c.varint(), c.take(c.varint()), c.take(16)[::-1], c.take(1)[0]
            need(last < seq <= self.seq and place < len(entries) and kept <= 1, self.what + ": its keys")
            name, revision, args, reply = entries[place]
            need(args < len(types), self.what + ": the arguments of a key")
            reply = '"reply":' + whole_value(c.take(c.varint()), types, reply) if kept else '"lost":' + quote(c.text())
            yield '{"seq":%d,"tx":%s,"revision":%d,"key":"%s","args_hash":"%s",%s}' % (
                seq, quote(name), revision, key.hex(), args_hash.hex(), reply)
            last = seq
        c.end("keys")

    def json(self):
        return '{"seq":%d,"time":%d,"model":%s,"version":%d,"state":%s%s}' % (
            self.seq, self.time, quote(self.model), self.version, self.state, self.more)


# == The directory, Clean mark, Reading the journal ==
def load(directory):
    names = [n for n in os.listdir(directory) if re.fullmatch(r"\d{20}\.(journal|snapshot)|CLEAN|ARCHIVE", n)]
    return {n: open(os.path.join(directory, n), "rb").read() for n in names}


class Store:
    """Reads and checks files, {name: bytes}. `mark`: of a backup, the end of the journal and the last sequence number."""

    def __init__(self, files, mark=None):
        need("ARCHIVE" not in files, "an archive is no store")
        names = lambda kind: sorted(n for n in files if n.endswith(kind))
        need(names(".snapshot"), "no store: there is no snapshot")
        self.id, self.snapshots = None, []
        for name in names(".snapshot"):
            self.snapshots.append(Snapshot(name, files[name], self.id))
            self.id = self.snapshots[0].store
        if "CLEAN" in files:
            check_header(files["CLEAN"], b"prvl-end", "clean mark", self.id)
            need(len(files["CLEAN"]) == 128, "clean mark: its length")
            mark = position(files["CLEAN"]), u64(files["CLEAN"], 32)
        numbers = [int(n[:20]) for n in names(".journal")]
        # a gap among files that nothing needs is none: the segments behind the last gap
        numbers = [n for i, n in enumerate(numbers) if n + len(numbers) - 1 - i == numbers[-1]]
        newest, last = numbers[-1] if numbers else 0, self.snapshots[-1]
        need(max(last.position.segment, 1) in numbers or newest == last.position.segment == 0, "segments are missing")
        positions = [s.position for s in self.snapshots] + ([mark[0]] if mark else [])
        need(all(x.segment <= newest for x in positions), "a snapshot or the clean mark names a segment that isn't there")
        self.clean, self.suspect = bool(mark) and mark[0].segment == newest, None
        self.segments = [Segment(n, files["%020d.journal" % n], self.id) for n in numbers]
        for segment, successor in zip(self.segments, self.segments[1:] + [None]):
            if successor:
                segment.read_to(successor.predecessor)
                need(successor.first == segment.next, successor.what + ": its first sequence number")
            else:
                self.suspect = segment.read_newest(positions, self.clean)
        self.end = Position(newest, segment.at, segment.chain) if numbers else Position(0, 0, 0)
        self.last = segment.next - 1 if numbers else last.seq
        need(not self.clean or mark == (self.end, self.last), "the journal does not end where the clean mark says")
        for x in positions:
            if x.segment in numbers:
                place = self.segments[x.segment - numbers[0]].places.get(x.offset, [None])
                need(place[0] == x.chain, "no place in the journal: %d, %d, %016x" % x)
        self.transactions = [t for s in self.segments for t in s.transactions]
        self.voids = dict(v for s in self.segments for v in s.voids)  # of two, the last
        for s in self.snapshots:
            need(all(name == s.model for x in self.segments for name, _ in x.models), s.what + ": another model than a segment's")
            if max(s.position.segment, 1) in numbers:
                segment = self.segments[max(s.position.segment, 1) - numbers[0]]
                need(segment.first <= s.seq + 1, s.what + ": a later transaction is in an earlier segment")
                need(not s.position.segment or segment.places[s.position.offset][1] > s.seq, s.what + ": it is behind its position")
            for t in self.transactions:
                good = (t.seq > s.seq or t.time <= s.time) and (t.seq < s.seq or t.time >= s.time)
                need(good or t.seq in self.voids, "%s: its time, and that of transaction %d" % (s.what, t.seq))

    def lines(self):
        for t in self.transactions:
            void = ',"void":true,"reason":' + quote(self.voids[t.seq]) if t.seq in self.voids else ""
            yield '{"seq":%d,"time":%d,"tx":%s,"revision":%d%s,"args":%s}' % (t.seq, t.time, quote(t.name), t.revision, void, t.args)


# == Backups ==
def read_backup(directory):
    get = lambda name: open(os.path.join(directory, name), "rb").read()
    manifest = get("BACKUP")
    store = check_header(manifest, b"prvl-bkp", "manifest")
    need(len(manifest) == 128 + u64(manifest, 88), "manifest: its length")
    need(xxh3(manifest[128:]) == u64(manifest, 80), "manifest: hash of the list")
    c, files = Cursor(manifest[128:]), {}
    model = c.text()
    for kind, magic in ("snapshot", b"prvl-snp"), ("journal", b"prvl-seg"):
        before = None
        for _ in range(c.varint()):
            header, data = c.take(128), b""
            check_header(header, magic, "manifest: a " + kind, store)
            number, name = u64(header, 32), "%020d.%s" % (u64(header, 32), kind)
            need(before is None or number == before + 1 or kind == "snapshot" and number > before, "manifest: the order of its files")
            for _ in range(c.varint()):
                length, hash_, piece = c.varint(), u64(c.take(8), 0), get("%s.%016x.%020d" % (name, xxh3(header), len(data)))
                need(0 < length == len(piece) <= 64 << 20 and xxh3(piece) == hash_, "piece at %d of %s" % (len(data), name))
                data += piece
            need(data[:128] == header, "manifest: the header of " + name)
            files[name], before = data, number
    c.end("the list")
    end, last = position(manifest), u64(manifest, 32)
    newest = "%020d.journal" % end.segment
    if newest in files:
        need(len(files[newest]) >= end.offset, "manifest: its end")
        files[newest] = files[newest][:end.offset]
    backup = Store(files, (end, last))
    need(backup.id == store and backup.clean, "manifest: its store, or its end is not in the newest segment")
    need(all(s.model == model for s in backup.snapshots), "manifest: its model")
    times = [x.time for x in backup.snapshots + backup.transactions if x.seq == last]
    need(set(times) == {u64(manifest, 64)}, "manifest: time of the last transaction")
    return backup


# == The trail of a replay ==
def read_trail(data):
    if len(data) < 64 or data[:8] != b"prvl-rpl" or u32(data, 8) != 1 or u32(data, 12) > 1 or crc32c(data[:60]) != u32(data, 60):
        return None
    return {"stage": u32(data, 12), "first": u64(data, 40), "last": u64(data, 48)}


# == Random numbers ==
def stream(secret, seq):
    """The numbers of a transaction: the keystream of ChaCha8."""
    def quarter(x, a, b, c, d):
        for i, j, k, bits in (a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7):
            x[i] = x[i] + x[j] & M32
            x[k] = ((x[k] ^ x[i]) << bits | (x[k] ^ x[i]) >> 32 - bits) & M32

    counter = 0
    while True:
        state = struct.unpack("<16I", b"expand 32-byte k" + secret + struct.pack("<QQ", counter, seq))
        x = list(state)
        for i in [0, 1, 2, 3, 4, 5, 6, 7] * 4:  # columns, then diagonals
            quarter(x, i % 4, (i + i // 4) % 4 + 4, (i + i // 4 * 2) % 4 + 8, (i + i // 4 * 3) % 4 + 12)
        yield from struct.unpack("<8Q", struct.pack("<16I", *(a + b & M32 for a, b in zip(x, state))))
        counter += 1


def below(numbers, n):
    m = next(numbers) * n
    while m & M64 < (1 << 64) % n:
        m = next(numbers) * n
    return m >> 64


def fill(numbers, count):
    return b"".join(struct.pack("<Q", next(numbers)) for _ in range((count + 7) // 8))[:count]


def shuffle(numbers, items):
    for i in range(len(items) - 1, 0, -1):
        j = below(numbers, i + 1)
        items[i], items[j] = items[j], items[i]
    return items


def self_test(golden):
    start, half = lambda: stream(bytes(range(32)), 7), 2**63 + 1
    s = start()
    assert [next(s) for _ in range(10)] == [
        0xf0c1cdb4f333b82e, 0x2824c05911fbb7d0, 0x562d4ab7c3a90665, 0x5c19ddaeb7361118, 0x05d1962f862c3b48,
        0x4666c00e7a9dbfbf, 0x136c61a8c894b3fb, 0x10a76ed92c6e6aa7, 0xaaa2da5075edef03, 0x2681b9c504c6f5f4]
    s = start()
    assert [below(s, n) for n in (1, 6, 100, 2**32, half, half, half, 2**64 - 1)] == [
        0, 0, 33, 1545199022, 2536476599349338079, 699800480876485117, 600024852374959443, 12295629971785641730]
    assert next(s) == 0x2681b9c504c6f5f4
    s = start()
    assert [fill(s, n).hex() for n in (11, 0, 8)] == ["2eb833f3b4cdc1f0d0b7fb", "", "6506a9c3b74a2d56"]
    s = start()
    assert shuffle(s, list(range(12))) == [6, 8, 4, 2, 5, 7, 10, 0, 9, 3, 1, 11] and next(s) == 0xb8c21d466946b402
    s = start()
    assert "".join("abcde"[below(s, 5)] for _ in range(8)) == "eabbabaa"
    s = stream(struct.pack("<Q", 0x0123456789abcdef) + bytes(24), 7)
    assert [next(s), next(s)] == [0x987d7b70f7755f05, 0x13f89f51415e7833]
    assert crc32c(b"123456789") == 0xE3069283 and xxh3(b"") == 0x2D06800538D394C2 and xxh3(b"abc") == 0x78AF5F94892F3950
    expected = sorted(f for deep in ("", "*") for f in glob.glob(os.path.join(golden, deep, "*.transactions.jsonl")))
    assert expected, "no golden stores below " + golden
    for path in expected:
        directory, name = path[:-len(".transactions.jsonl")], os.path.basename(path).split(".")[0]
        text = lambda path: open(path, encoding="utf-8", newline="").read()
        listed = lambda store: "".join(line + "\n" for line in store.lines())
        store, lock = Store(load(directory)), open(os.path.join(directory, "LOCK"), "rb").read()
        assert listed(store) == text(path) and bool(store.suspect) == (name == "suspect"), name
        assert all(json.loads(s.json()) for s in store.snapshots), name
        trail = read_trail(lock)
        assert bool(trail) == name.startswith("trail") and (position(lock, 16) == store.end if trail else not any(lock)), name
        # `draw` of the golden model has kept the exclusive or of its first number and of a `below(1000)`, and its time
        drawn = {t.time: (s := stream(t.secret, t.seq)) and next(s) ^ below(s, 1000) for t in store.transactions if t.name == "draw"}
        for n, time in re.findall(r"\(\s+(\d+),\s+(\d+),\s+\),", text(directory + ".opened.txt").partition("drawn:")[2]):
            assert drawn.get(int(time), int(n)) == int(n), name
        if os.path.isdir(directory + ".backup"):
            assert listed(read_backup(directory + ".backup")) == text(path), name
        if os.path.isdir(directory + ".archive"):
            archive = load(directory + ".archive")
            assert archive.pop("ARCHIVE") == b"" and listed(Store({**archive, **load(directory)})).endswith(text(path)), name
    print("good: %d stores" % len(expected))


def main(args):
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    option = args[0] if args else "-"
    if len(args) != 2 and (len(args) != 1 or option.startswith("-")):
        sys.exit(__doc__)
    try:
        if option == "--self-test":
            return self_test(args[1])
        if option == "--snapshot":
            return print(Snapshot(os.path.basename(args[1]), open(args[1], "rb").read()).json())
        if option == "--trail":
            trail = read_trail(open(args[1], "rb").read())
            return print(json.dumps(trail, separators=(",", ":"))) if trail else None
        if option == "--backup":
            store = read_backup(args[1])
        else:
            archive = load(args[1]) if args[1:] else {}
            archive.pop("ARCHIVE", None)
            store = Store({**archive, **load(option)})
    except (Damage, OSError) as e:
        print("damage: %s" % e, file=sys.stderr)
        return 2
    for line in store.lines():
        print(line)
    if store.suspect:
        print("suspect tail: " + store.suspect, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
