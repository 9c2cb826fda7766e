using System.Text;
using Agora.Journal.Archive;

namespace Agora.Journal.Tests;

public sealed class PackedBodiesTests
{
    private const int Kilobyte = 1 << 10;
    private int _fetched;

    [Fact]
    public async Task Rows_of_many_streams_in_turns_have_each_pack_opened_once()
    {
        const int Streams = 200, Rows = 20;
        var bodies = Bodies(Rows, Kilobyte);

        for (var seq = 1; seq <= Rows; seq++)
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                Assert.Equal(Kilobyte, (await bodies.Fill(Archived(stream, seq), null, default)).Body.Length);
            }
        }

        Assert.Equal(Streams, _fetched);
    }

    [Fact]
    public async Task Packs_of_more_bytes_than_are_kept_open_are_let_go_and_the_one_that_was_used_longest_ago_first()
    {
        const int Megabyte = Kilobyte * Kilobyte;
        var fit = (int)(PackedBodies.MostOpenBytes / Megabyte);
        var bodies = Bodies(1, Megabyte);

        for (var stream = 0; stream < fit; stream++) await bodies.Fill(Archived(stream, 1), null, default);
        await bodies.Fill(Archived(0, 1), null, default);
        Assert.Equal(fit, _fetched);
        await bodies.Fill(Archived(fit, 1), null, default);
        await bodies.Fill(Archived(0, 1), null, default);
        Assert.Equal(fit + 1, _fetched);
        await bodies.Fill(Archived(1, 1), null, default);

        Assert.Equal(fit + 2, _fetched);
    }

    private static JournalRow Archived(int stream, long seq) => new($"s/{stream}", seq, new byte[32], default);

    private PackedBodies Bodies(int rows, int bytes) => new((stream, _, _) =>
    {
        _fetched++;
        return Task.FromResult<RowPack?>(RowPack.Of([.. Enumerable.Range(1, rows).Select(seq => new JournalRow(stream, seq, new byte[32], Encoding.UTF8.GetBytes(new string('a', bytes))))]));
    });
}
