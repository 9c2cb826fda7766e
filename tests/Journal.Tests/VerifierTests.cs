using Agora.Journal.Memory;
using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

public sealed class VerifierTests
{
    private readonly MemoryJournal _journal = new(new ManualTime());
    private readonly List<BrokenPlace> _found = [];

    [Fact]
    public async Task A_sound_journal_is_counted_and_its_summary_tells_of_the_checkpoint()
    {
        await Chain("s/1", 600);
        await Chain("s/2", 1);
        var report = await Verify();
        Assert.Equal(new VerifyReport(2, 601, 601, 0), report);
        Assert.Empty(_found);
        Assert.Contains("2 streams, 601 rows, 601 entries, 0 broken", report.Summary, StringComparison.Ordinal);
        Assert.Contains("checkpoint kept elsewhere", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_behind_large_ones_are_checked_too()
    {
        await Chain("s/1", 5, new string('x', JournalPages.MaxBytes));
        Assert.Equal(new VerifyReport(1, 5, 5, 0), await Verify());
    }

    [Fact]
    public async Task A_row_whose_time_falls_is_named()
    {
        var first = Append("s/1", StreamHead.Empty, Entry("a", 10));
        await _journal.Append([first], false, default);
        await _journal.Append([Append("s/1", HeadAfter(first), Entry("b", 9))], false, default);
        Assert.Equal(1, (await Verify()).Broken);
        Assert.Equal(("s/1", 2), (_found[0].Stream, _found[0].Seq));
    }

    [Fact]
    public async Task A_row_that_hashes_but_does_not_decode_is_named_and_the_others_are_checked()
    {
        // What a defect of the writer, not of the disk, would leave.
        var row = RowCodec.Next("s/1", StreamHead.Empty, [Entry("a")]);
        var cut = row with { Body = row.Body[..^1] };
        cut = cut with { Hash = RowCodec.Hash(cut, StreamHead.Empty.Hash.Span) };
        await _journal.Append([new StreamAppend("s/1", StreamHead.Empty, cut, 1, [], [], null)], false, default);
        await Chain("s/2", 3);
        Assert.Equal(new VerifyReport(2, 4, 3, 1), await Verify());
        Assert.Equal(("s/1", 1), (_found[0].Stream, _found[0].Seq));
    }

    private Task<VerifyReport> Verify() => Verifier.Verify(_journal, _found.Add, default);

    private async Task Chain(string stream, int rows, string text = "")
    {
        var head = StreamHead.Empty;
        for (var i = 0; i < rows; i++)
        {
            var append = Append(stream, head, Entry($"{i}{text}", i));
            await _journal.Append([append], false, default);
            head = HeadAfter(append);
        }
    }
}
