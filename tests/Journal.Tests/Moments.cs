using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Rows, names and tables of one moment, asked before and after others were written.</summary>
internal static class Moments
{
    public static async Task Stands(IJournal owner, IJournal moment)
    {
        var first = Append("s/1", StreamHead.Empty, Entry("before")) with { Upserts = [Run("r1", "before", 1), Fund("default", "f1", 10, 0)] };
        Assert.Equal([AppendOutcome.Written], await owner.Append([first], false, default));
        Assert.Equal(["before"], Said(await moment.Read("s/1", 0, 10, default)));

        var second = Append("s/1", HeadAfter(first), Entry("after")) with { Upserts = [Run("r1", "after", 2), Run("r2", "after", 2), Fund("default", "f1", 20, 0)] };
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await owner.Append([second, Append("s/2", StreamHead.Empty, Entry("other"))], false, default));
        await owner.PutKey("k", new byte[] { 1 }, default);

        Assert.Equal(["before"], Said(await moment.Read("s/1", 0, 10, default)));
        Assert.Equal(["s/1"], await moment.Streams("", null, 10, default));
        var page = await moment.Query(new(Runs, [], [new("tenant"), new("id")], 0, 10) { CountUpTo = 0 }, default);
        Assert.Equal("before", Assert.Single(page.Rows).Values[2]);
        Assert.Equal([10L], await moment.Totals(Funds, "default", ["balance_micros"], default));
        Assert.Null(await moment.LoadKey("k", default));
        Assert.Equal(["before", "after"], Said(await owner.Read("s/1", 0, 10, default)));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => moment.Append([Append("s/3", StreamHead.Empty, Entry("x"))], false, default));
    }
}
