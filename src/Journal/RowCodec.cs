using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Journal;

/// <summary>A stored row cannot be what was written: its bytes do not decode, or its chain is broken.</summary>
public sealed class JournalCorruptException(string stream, long seq, string what, Exception? inner = null)
    : Exception($"journal row {stream} #{seq}: {what}", inner)
{
    public string Stream { get; } = stream;

    public long Seq { get; } = seq;

    public string What { get; } = what;
}

/// <summary>
/// Entries ↔ body of a row, and the hash that chains rows.
/// <para>Body, version 1: <c>version, n, n × entry</c>; entry: <c>command id (16, big endian), at (8), cause, n, n × event</c>; event:
/// <c>name, version, key id or none, payload, sealed</c>. Numbers are little endian; a count or length is 4 bytes; text is strict UTF-8.</para>
/// <para>Decoding is total: any bytes give entries or a <see cref="JournalCorruptException"/>, and never allocate more than the bytes warrant.</para>
/// </summary>
public static class RowCodec
{
    public const byte Version = 1;
    public const int HashBytes = 32;

    /// <summary>So many first bytes of a body hold what <see cref="FirstAtMicros"/> reads.</summary>
    public const int FirstAtBytes = 1 + 4 + 16 + 8;

    private const int None = -1;
    private const int EntryOverhead = 16 + 8 + 4 + 4;
    private const int EventOverhead = 5 * 4;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Bytes that the entry takes in a body. Throws <see cref="EncoderFallbackException"/> for text that is not Unicode, so that a row never fails to encode later.</summary>
    public static int Size(JournalEntry entry)
    {
        var size = EntryOverhead + entry.Cause.Length;
        foreach (var e in entry.Events)
            size += EventOverhead + Utf8.GetByteCount(e.Name) + (e.KeyId is null ? 0 : Utf8.GetByteCount(e.KeyId)) + e.Payload.Length + e.Sealed.Length;
        return size;
    }

    /// <summary>The row that follows <paramref name="head"/>.</summary>
    public static JournalRow Next(string stream, StreamHead head, IReadOnlyList<JournalEntry> entries) => Next(stream, head, entries, entries.Sum(Size));

    /// <summary>The same where the entries' sizes are known. One array holds all that is hashed, so a row costs one copy of its payload.</summary>
    internal static JournalRow Next(string stream, StreamHead head, IReadOnlyList<JournalEntry> entries, int entryBytes)
    {
        var bodySize = 1 + 4 + entryBytes;
        var buffer = new byte[PrefixSize(stream) + bodySize + HashBytes];
        var seq = head.Seq + 1;
        var start = WritePrefix(buffer, stream, seq, bodySize);
        WriteBody(buffer.AsSpan(start, bodySize), entries);
        head.Hash.Span.CopyTo(buffer.AsSpan(start + bodySize, HashBytes));
        return new JournalRow(stream, seq, SHA256.HashData(buffer), buffer.AsMemory(start, bodySize)); // The hash by itself: a head is kept for long, and would keep the whole row.
    }

    /// <summary>What the row's hash must be after <paramref name="previous"/>.</summary>
    public static byte[] Hash(JournalRow row, ReadOnlySpan<byte> previous)
    {
        var size = PrefixSize(row.Stream) + row.Body.Length + previous.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var at = WritePrefix(buffer, row.Stream, row.Seq, row.Body.Length);
            row.Body.Span.CopyTo(buffer.AsSpan(at));
            previous.CopyTo(buffer.AsSpan(at + row.Body.Length));
            return SHA256.HashData(buffer.AsSpan(0, size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The row's entries; their bytes are slices of its body.</summary>
    public static IReadOnlyList<JournalEntry> Decode(JournalRow row)
    {
        var reader = new BodyReader(row);
        var version = reader.Byte();
        if (version != Version) throw reader.Corrupt($"body version {version} is unknown");
        var entries = new JournalEntry[reader.Count(EntryOverhead)];
        for (var i = 0; i < entries.Length; i++)
        {
            var id = new Guid(reader.Bytes(16).Span, bigEndian: true);
            var at = reader.Int64();
            var cause = reader.Block();
            var events = new StoredEvent[reader.Count(EventOverhead)];
            for (var j = 0; j < events.Length; j++) events[j] = DecodeEvent(ref reader);
            entries[i] = new JournalEntry(id, at, cause, events);
        }

        reader.End();
        return entries;
    }

    /// <summary>The time of the row's first entry, which is its earliest. The first <see cref="FirstAtBytes"/> of the body are enough.</summary>
    public static long FirstAtMicros(JournalRow row)
    {
        var reader = new BodyReader(row);
        if (reader.Byte() is not Version and var version) throw reader.Corrupt($"body version {version} is unknown");
        if (reader.Int32() <= 0) throw reader.Corrupt("it has no entry");
        reader.Bytes(16);
        return reader.Int64();
    }

    private static StoredEvent DecodeEvent(ref BodyReader reader)
    {
        var name = reader.Text() ?? throw reader.Corrupt("an event has no name");
        var version = reader.Int32();
        var keyId = reader.Text();
        var payload = reader.Block();
        return new StoredEvent(name, version, payload, keyId, reader.Block());
    }

    // The hashed prefix: length-prefixed stream, seq, length of the body.
    private static int PrefixSize(string stream) => 4 + Utf8.GetByteCount(stream) + 8 + 4;

    private static int WritePrefix(Span<byte> to, string stream, long seq, int bodySize)
    {
        var at = WriteText(to, 0, stream);
        BinaryPrimitives.WriteInt64LittleEndian(to[at..], seq);
        BinaryPrimitives.WriteInt32LittleEndian(to[(at + 8)..], bodySize);
        return at + 12;
    }

    private static void WriteBody(Span<byte> to, IReadOnlyList<JournalEntry> entries)
    {
        to[0] = Version;
        var at = WriteInt32(to, 1, entries.Count);
        foreach (var entry in entries)
        {
            entry.CommandId.TryWriteBytes(to[at..], bigEndian: true, out _);
            BinaryPrimitives.WriteInt64LittleEndian(to[(at + 16)..], entry.AtMicros);
            at = WriteBlock(to, at + 24, entry.Cause.Span);
            at = WriteInt32(to, at, entry.Events.Count);
            foreach (var e in entry.Events)
            {
                at = WriteText(to, at, e.Name);
                at = WriteInt32(to, at, e.Version);
                at = e.KeyId is null ? WriteInt32(to, at, None) : WriteText(to, at, e.KeyId);
                at = WriteBlock(to, at, e.Payload.Span);
                at = WriteBlock(to, at, e.Sealed.Span);
            }
        }
    }

    private static int WriteInt32(Span<byte> to, int at, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to[at..], value);
        return at + 4;
    }

    private static int WriteBlock(Span<byte> to, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to[(at + 4)..]);
        return WriteInt32(to, at, bytes.Length) + bytes.Length;
    }

    private static int WriteText(Span<byte> to, int at, string text)
    {
        var length = Utf8.GetBytes(text, to[(at + 4)..]);
        return WriteInt32(to, at, length) + length;
    }

    private ref struct BodyReader(JournalRow row)
    {
        private int _at;

        public byte Byte() => Bytes(1).Span[0];

        public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4).Span);

        public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8).Span);

        public ReadOnlyMemory<byte> Block() => Bytes(Int32());

        /// <summary>A count of things that each take at least so many bytes: more than could follow is refused before it is allocated.</summary>
        public int Count(int atLeastEach)
        {
            var count = Int32();
            if (count < 0 || count > (row.Body.Length - _at) / atLeastEach) throw Corrupt($"count {count} at byte {_at - 4} is impossible");
            return count;
        }

        public string? Text()
        {
            var length = Int32();
            if (length == None) return null;
            try
            {
                return Utf8.GetString(Bytes(length).Span);
            }
            catch (DecoderFallbackException e)
            {
                throw new JournalCorruptException(row.Stream, row.Seq, $"text before byte {_at} is not UTF-8", e);
            }
        }

        public ReadOnlyMemory<byte> Bytes(int length)
        {
            if (length < 0 || length > row.Body.Length - _at) throw Corrupt($"{length} bytes at byte {_at} of {row.Body.Length} are not there");
            var bytes = row.Body.Slice(_at, length);
            _at += length;
            return bytes;
        }

        public readonly void End()
        {
            if (_at != row.Body.Length) throw Corrupt($"{row.Body.Length - _at} bytes too many");
        }

        public readonly JournalCorruptException Corrupt(string what) => new(row.Stream, row.Seq, what);
    }
}
