using System.Text;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

public sealed class RowCodecTests
{
    private static readonly JournalEntry[] Entries =
    [
        new(Id(1), 1_767_225_600_000_000, new byte[] { 1 }, [new StoredEvent("a.b", 2, new byte[] { 2, 3 }, "user-é", new byte[] { 4 }), new StoredEvent("c", 1, default)]),
        new(Id(2), 1_767_225_600_000_001, default, []),
    ];

    [Fact]
    public void Entries_come_back_as_they_went_in()
    {
        var decoded = RowCodec.Decode(RowCodec.Next("s/1", StreamHead.Empty, Entries));
        Assert.Equal(Describe(Entries), Describe(decoded));
    }

    [Fact]
    public void Size_is_what_an_entry_takes()
    {
        var body = RowCodec.Next("s/1", StreamHead.Empty, Entries).Body;
        Assert.Equal(body.Length, 1 + 4 + Entries.Sum(RowCodec.Size));
    }

    /// <summary>Heads of streams are kept for as long as their streams are known; a whole row with each would fill the memory.</summary>
    [Fact]
    public void A_head_that_is_kept_keeps_nothing_else_of_its_row()
    {
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(RowCodec.Next("s/1", StreamHead.Empty, Entries).Hash, out var kept));
        Assert.Equal(RowCodec.HashBytes, kept.Array!.Length);
    }

    [Fact]
    public void The_first_entrys_time_is_read_from_the_first_bytes_of_a_body_and_from_fewer_it_is_refused()
    {
        var row = RowCodec.Next("s/1", StreamHead.Empty, Entries);
        Assert.Equal(Entries[0].AtMicros, RowCodec.FirstAtMicros(row));
        Assert.Equal(Entries[0].AtMicros, RowCodec.FirstAtMicros(row with { Body = row.Body[..RowCodec.FirstAtBytes] }));
        for (var length = 0; length < RowCodec.FirstAtBytes; length++)
            Assert.Throws<JournalCorruptException>(() => RowCodec.FirstAtMicros(row with { Body = row.Body[..length] }));
        Assert.Throws<JournalCorruptException>(() => RowCodec.FirstAtMicros(RowCodec.Next("s/1", StreamHead.Empty, [])));
    }

    [Fact]
    public void Bodies_of_version_1_decode_for_ever()
    {
        var row = RowCodec.Next("s/1", StreamHead.Empty, Entries);
        const string body =
            "0102000000000000010000000000000000000000000040204648470600010000000102000000"
            + "03000000612E620200000007000000757365722DC3A9020000000203010000000401000000"
            + "6301000000FFFFFFFF0000000000000000"
            + "0000000200000000000000000000000001402046484706000000000000000000";
        Assert.Equal(body, Convert.ToHexString(row.Body.Span), ignoreCase: true);
        Assert.Equal(Describe(Entries), Describe(RowCodec.Decode(row with { Body = Convert.FromHexString(body) })));
    }

    [Fact]
    public void The_hash_covers_stream_seq_body_and_predecessor()
    {
        var row = RowCodec.Next("s/1", StreamHead.Empty, Entries);
        byte[] Hash(JournalRow of, ReadOnlyMemory<byte>? previous = null) => RowCodec.Hash(of, (previous ?? StreamHead.Empty.Hash).Span);
        Assert.Equal(row.Hash.ToArray(), Hash(row));
        Assert.NotEqual(row.Hash.ToArray(), Hash(row with { Stream = "s/2" }));
        Assert.NotEqual(row.Hash.ToArray(), Hash(row with { Seq = 2 }));
        Assert.NotEqual(row.Hash.ToArray(), Hash(row with { Body = row.Body[..^1] }));
        Assert.NotEqual(row.Hash.ToArray(), Hash(row, row.Hash));
    }

    [Fact]
    public void Every_shorter_body_and_every_one_with_more_is_refused_by_stream_and_seq()
    {
        var row = RowCodec.Next("s/1", new StreamHead(6, new byte[32]), Entries);
        for (var length = 0; length < row.Body.Length; length++)
        {
            var error = Assert.Throws<JournalCorruptException>(() => RowCodec.Decode(row with { Body = row.Body[..length] }));
            Assert.Equal(("s/1", 7), (error.Stream, error.Seq));
        }

        Assert.Throws<JournalCorruptException>(() => RowCodec.Decode(row with { Body = (byte[])[.. row.Body.Span, 0] }));
    }

    [Fact]
    public void Any_bytes_decode_or_are_refused_and_nothing_else()
    {
        var random = new Random(20260101);
        var good = RowCodec.Next("s/1", StreamHead.Empty, Entries);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var body = good.Body.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--) body[random.Next(body.Length)] = (byte)random.Next(256);
            try
            {
                RowCodec.Decode(good with { Body = body });
            }
            catch (JournalCorruptException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 19_999);
    }

    [Fact]
    public void An_unknown_version_and_text_that_is_not_UTF8_are_named()
    {
        var body = RowCodec.Next("s/1", StreamHead.Empty, Entries).Body.ToArray();
        var newer = (byte[])body.Clone();
        newer[0] = 2;
        Assert.Contains("version 2", Refusal(newer), StringComparison.Ordinal);
        body[body.AsSpan().IndexOf("a.b"u8)] = 0xFF;
        Assert.Contains("UTF-8", Refusal(body), StringComparison.Ordinal);

        static string Refusal(byte[] body) => Assert.Throws<JournalCorruptException>(() => RowCodec.Decode(new JournalRow("s/1", 1, default, body))).What;
    }

    private static string Describe(IEnumerable<JournalEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.AppendLine($"{entry.CommandId} {entry.AtMicros} {Convert.ToHexString(entry.Cause.Span)}");
            foreach (var e in entry.Events) text.AppendLine($"  {e.Name} {e.Version} {e.KeyId ?? "-"} {Convert.ToHexString(e.Payload.Span)} {Convert.ToHexString(e.Sealed.Span)}");
        }

        return text.ToString();
    }
}
