using System.Text;

namespace Agora.Outbound.Tests;

/// <summary>Server-sent events, in whatever pieces they come.</summary>
public sealed class EventStreamTests
{
    private const string Said = "\uFEFFdata: one\r\ndata: more\r\n\r\n: a word beside\r\nevent: message\ndata:two\ndata:  lines\nid: 7\n\ndata: three\r\rdata\n\ndata: unfinished\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Each_event_is_heard_once_and_whole_and_an_unfinished_one_never(int piece)
    {
        var heard = new List<string>();
        var read = await Read(Said, piece, data => { heard.Add(data); return false; });

        Assert.Equal(["one\nmore", "two\n lines", "three", ""], heard);
        Assert.False(read!.Value.IsWhole);
    }

    [Fact]
    public async Task The_one_that_was_wanted_ends_it()
    {
        var read = await Read(Said, 1, data => data == "three");

        Assert.Equal(("three", true), (Encoding.UTF8.GetString(read!.Value.Event.Span), read.Value.IsWhole));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(99, false)]
    public async Task All_that_comes_is_bounded_however_small_its_pieces(int maxBytes, bool fits) =>
        Assert.Equal(fits, await Read(string.Concat(Enumerable.Repeat("data: abc\n", 10)), 3, static _ => false, maxBytes) is not null);

    private static async Task<(ReadOnlyMemory<byte> Event, bool IsWhole)?> Read(string said, int piece, Func<string, bool> onEvent, int maxBytes = 1_000)
    {
        using var stream = new Pieces(Encoding.UTF8.GetBytes(said), piece);
        return await EventStream.Read(stream, data => onEvent(Encoding.UTF8.GetString(data.Span)), maxBytes, CancellationToken.None);
    }

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
