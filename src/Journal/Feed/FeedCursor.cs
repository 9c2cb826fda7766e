using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Agora.Journal;

/// <summary>Where a feed goes on: the row that was looked at last, its place and its hash. As text it is opaque: base64url of position, seq, hash and stream.</summary>
public sealed record FeedCursor(RowPlace Place, ReadOnlyMemory<byte> Hash)
{
    /// <summary>Before the first row.</summary>
    public static readonly FeedCursor Start = new(RowPlace.Start, default);

    private const string StartText = "start";
    private const string NoCursor = "That is no cursor of the journal's feed.";
    private const int NumbersBytes = 2 * sizeof(long);

    internal bool IsStart => Hash.IsEmpty;

    /// <summary>Case 5, of the row that stands now where this one stood; null when none does.</summary>
    internal bool IsCutOff(PlacedRow? now) => !IsStart && !(now is { } row && row.Place == Place && row.Hash.Span.SequenceEqual(Hash.Span));

    /// <exception cref="FormatException">The text is no cursor.</exception>
    public static FeedCursor Parse(string? text)
    {
        if (text is null or StartText) return Start;
        try
        {
            return Of(Base64Url.DecodeFromChars(text));
        }
        catch (FormatException e)
        {
            throw new FormatException(NoCursor, e);
        }
    }

    /// <summary>Of what <see cref="ToBytes"/> made.</summary>
    /// <exception cref="FormatException">They are of no cursor.</exception>
    public static FeedCursor Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return Start;
        try
        {
            if (bytes.Length <= NumbersBytes + RowCodec.HashBytes) throw new FormatException(NoCursor);
            var (position, seq) = (BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(long)..]));
            var stream = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes[(NumbersBytes + RowCodec.HashBytes)..]);
            return new FeedCursor(new RowPlace(position, stream, seq), bytes.Slice(NumbersBytes, RowCodec.HashBytes).ToArray());
        }
        catch (ArgumentException e) // What UTF-8 does not decode.
        {
            throw new FormatException(NoCursor, e);
        }
    }

    public override string ToString() => IsStart ? StartText : Base64Url.EncodeToString(ToBytes());

    /// <summary>What the text stands for; none of the first.</summary>
    public byte[] ToBytes()
    {
        if (IsStart) return [];

        var bytes = new byte[NumbersBytes + RowCodec.HashBytes + Encoding.UTF8.GetByteCount(Place.Stream)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Place.Position);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(sizeof(long)), Place.Seq);
        Hash.Span.CopyTo(bytes.AsSpan(NumbersBytes));
        Encoding.UTF8.GetBytes(Place.Stream, bytes.AsSpan(NumbersBytes + RowCodec.HashBytes));
        return bytes;
    }
}
