using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Agora.Journal;

/// <summary>
/// Bodies of consecutive rows of a stream, compressed together: they say nearly the same.
/// <para>Bytes, version 1: <c>version, length of all (4), Brotli (RFC 7932) of n × (length (4), body)</c>; numbers are little endian.</para>
/// </summary>
/// <param name="First">Seq of the first row.</param>
/// <param name="Last">Seq of the last one.</param>
public sealed record RowPack(string Stream, long First, long Last, ReadOnlyMemory<byte> Bytes)
{
    private const byte Version = 1;
    private const int Header = 1 + 4;

    // A page of rows and the largest row are far below it: no bytes make anyone allocate more.
    private const int MostBytes = 64 << 20;
    private const int Quality = 5;
    private const int LeastWindow = 10, MostWindow = 22;

    /// <param name="rows">Consecutive, one at least, with their bodies.</param>
    public static RowPack Of(IReadOnlyList<JournalRow> rows)
    {
        var plain = new byte[rows.Sum(static row => 4 + row.Body.Length)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plain.Length, MostBytes, nameof(rows));
        var at = 0;
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(plain.AsSpan(at), row.Body.Length);
            row.Body.Span.CopyTo(plain.AsSpan(at + 4));
            at += 4 + row.Body.Length;
        }

        var packed = new byte[Header + BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        packed[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(1), plain.Length);
        return BrotliEncoder.TryCompress(plain, packed.AsSpan(Header), out var written, Quality, Math.Clamp(BitOperations.Log2((uint)plain.Length) + 1, LeastWindow, MostWindow))
            ? new(rows[0].Stream, rows[0].Seq, rows[^1].Seq, packed.AsMemory(0, Header + written))
            : throw new InvalidOperationException($"{plain.Length} bytes did not fit where the longest possible result does");
    }

    /// <summary>The bodies, from the first row's on.</summary>
    /// <exception cref="JournalCorruptException">These bytes are no pack of so many rows.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Open()
    {
        var bytes = Bytes.Span;
        if (bytes.Length < Header || bytes[0] != Version) throw Corrupt("is of an unknown version");

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        if (length is < 0 or > MostBytes) throw Corrupt($"says that it holds {length} bytes");

        var plain = new byte[length];
        if (!BrotliDecoder.TryDecompress(bytes[Header..], plain, out var written) || written != length)
        {
            throw Corrupt("does not decompress to its length");
        }

        var bodies = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < length; at += 4 + bodies[^1].Length)
        {
            var size = length - at < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(plain.AsSpan(at));
            if (size < 0 || size > length - at - 4) throw Corrupt($"has a body of {size} bytes at byte {at}");

            bodies.Add(plain.AsMemory(at + 4, size));
        }

        return bodies.Count == Last - First + 1 ? bodies : throw Corrupt($"has {bodies.Count} bodies");
    }

    private JournalCorruptException Corrupt(string what) => new(Stream, First, $"the pack of rows {First} to {Last} {what}");
}
